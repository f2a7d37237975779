// A column of one segment in plain form: what encoders read and decoders make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"

namespace weir::store {

// Integers are widened to 64 bits; kNullI64 is NULL. Text is codes into a dictionary; 0 is NULL.
struct Column {
  bool text = false;
  std::vector<int64_t> ints;
  std::vector<uint32_t> codes;
  uint32_t entries = 1;  // dictionary entries, NULL's included
  std::vector<uint32_t> offsets;
  std::string bytes;
  // Where the dictionary lies: in the members above, or in a batch that the segment keeps alive.
  const uint32_t* offsets_at = nullptr;
  const char* bytes_at = nullptr;

  std::string_view Entry(uint32_t code) const {
    return {bytes_at + offsets_at[code], offsets_at[code + 1] - offsets_at[code]};
  }
  void OwnDictionary() {
    entries = static_cast<uint32_t>(offsets.size() - 1);
    offsets_at = offsets.data();
    bytes_at = bytes.data();
  }
  size_t MemoryBytes() const {
    return ints.capacity() * 8 + codes.capacity() * 4 + offsets.capacity() * 4 + bytes.capacity();
  }
};

}  // namespace weir::store
