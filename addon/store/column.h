// A column of one segment in plain form: what encoders read and decoders make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "store/buffer.h"

namespace weir::store {

// Integers are widened to 64 bits; kNullI64 is NULL. Text is codes into a dictionary; 0 is NULL.
struct Column {
  bool text = false;
  // Of integers: `ints` holds distinct values, and `codes` which of them a row has.
  bool coded = false;
  std::vector<int64_t> ints;  // a value per row, unless coded
  std::vector<uint32_t> codes;
  uint32_t entries = 1;  // dictionary entries, NULL's included
  std::vector<uint32_t> offsets;
  std::string bytes;
  std::shared_ptr<const Buffer> unpacked;  // instead of `bytes`: as a block's part had them
  // Where the dictionary lies: in the members above, or in a batch that the segment keeps alive.
  const uint32_t* offsets_at = nullptr;
  const char* bytes_at = nullptr;

  uint32_t rows() const {
    return static_cast<uint32_t>(text || coded ? codes.size() : ints.size());
  }
  int64_t Int(size_t row) const { return coded ? ints[codes[row]] : ints[row]; }
  std::string_view Entry(uint32_t code) const {
    return {bytes_at + offsets_at[code], offsets_at[code + 1] - offsets_at[code]};
  }
  void OwnDictionary() {
    entries = static_cast<uint32_t>(offsets.size() - 1);
    offsets_at = offsets.data();
    bytes_at = bytes.data();
  }
  void OwnDictionary(Buffer buffer, size_t from) {
    unpacked = std::make_shared<const Buffer>(std::move(buffer));
    OwnDictionary();
    bytes_at = unpacked->data() + from;
  }
  size_t MemoryBytes() const {
    return ints.capacity() * 8 + codes.capacity() * 4 + offsets.capacity() * 4 + bytes.capacity() +
           (unpacked ? unpacked->size() : 0);
  }
};

}  // namespace weir::store
