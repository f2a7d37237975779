// How a block lies in an input of the fuzzer: u8 flags, u32 size of the header, header, chunks one
// after the other in the order of the header's parts.
#pragma once

#include <cstdint>

namespace weir::store {

// Checksums are corrected after mutation: with them, the fuzzer would never get past the first.
inline constexpr uint8_t kCorrectChecksums = 1;
// Chunks are taken as they would be after decompression, so that mutations reach the decoders
// instead of breaking compressed bytes.
inline constexpr uint8_t kPlainParts = 2;
inline constexpr uint8_t kAllFlags = kCorrectChecksums | kPlainParts;

}  // namespace weir::store
