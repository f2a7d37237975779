// A Bloom filter of the values that a column of a block has, so that a search for one value passes
// over most blocks that lack it. Part of the stored format: docs/store.md describes the bits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/block_format.h"
#include "store/column.h"

namespace weir::store {

inline constexpr uint8_t kBloomKind = 1;

// Stable over processes and machines, unlike KeyedHash.
uint64_t FilterHash(std::string_view text);
uint64_t FilterHash(int64_t value);

// Filters lie in chunks of their own, counted down from the end of the block's ids.
inline constexpr int FilterChunk(int column) { return (kMaxColumns - 1 - column) * kMaxParts; }

// The filter's bytes; empty when the column is not worth one.
std::string MakeFilter(std::string_view name, const Column& column);
// False: no value with this hash is in the filter.
bool FilterMayHave(std::string_view filter, uint64_t hash);

}  // namespace weir::store
