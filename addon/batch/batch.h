// An event batch: rows of one class, column by column, in one piece of memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir_schema.h"

namespace weir {

inline constexpr int64_t kNullI64 = INT64_MIN;
inline constexpr uint32_t kBatchRows = 4096;

// Where a column lies in the batch's memory. Text: data holds u32 codes, and the dictionary
// entry of code c is bytes[offsets[c] .. offsets[c + 1]). Code 0 is NULL.
struct ColumnLayout {
  uint32_t data = 0;
  uint32_t dictionary_count = 0;
  uint32_t dictionary_offsets = 0;
  uint32_t dictionary_bytes = 0;
};

// Immutable once sealed, so any thread may read it; shared by JavaScript, hot store and writer.
class Batch {
 public:
  int event_class = 0;
  uint32_t rows = 0;
  std::vector<ColumnLayout> columns;  // empty layouts for stream columns
  std::unique_ptr<uint8_t[]> memory;
  size_t size = 0;

  const uint32_t* U32(int column) const {
    return reinterpret_cast<const uint32_t*>(memory.get() + columns[column].data);
  }
  const int64_t* I64(int column) const {
    return reinterpret_cast<const int64_t*>(memory.get() + columns[column].data);
  }
  // Codes of a text column.
  const uint32_t* Codes(int column) const { return U32(column); }
  std::string_view Entry(int column, uint32_t code) const {
    const ColumnLayout& layout = columns[column];
    const auto* offsets =
        reinterpret_cast<const uint32_t*>(memory.get() + layout.dictionary_offsets);
    return {reinterpret_cast<const char*>(memory.get() + layout.dictionary_bytes + offsets[code]),
            offsets[code + 1] - offsets[code]};
  }
};

using BatchPtr = std::shared_ptr<const Batch>;

// Collects strings of one column and gives each distinct one a code.
class Dictionary {
 public:
  Dictionary();
  uint32_t Code(std::string_view text);
  std::string_view Entry(uint32_t code) const;
  uint32_t count() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  const std::vector<uint32_t>& offsets() const { return offsets_; }
  const std::string& bytes() const { return bytes_; }
  void Clear();

 private:
  void Grow();

  std::string bytes_;
  std::vector<uint32_t> offsets_;  // entry 0 is the empty NULL entry
  std::vector<uint32_t> hashes_;
  std::vector<uint32_t> table_;  // open addressing over codes; 0 is free
  uint32_t last_ = 0;            // neighbours are often equal
};

// Builds a batch row by row. Columns not set in a row are 0 (u32), NULL (i64, text).
class BatchBuilder {
 public:
  explicit BatchBuilder(int event_class);
  int event_class() const { return event_class_; }
  uint32_t rows() const { return rows_; }
  // Bytes of all distinct strings so far. Rows alone do not bound a batch: one argument list may
  // be 32 KiB.
  size_t text_bytes() const { return text_bytes_; }
  // Bytes that the sealed batch would have, about.
  size_t bytes() const;

  void BeginRow() {
    if (rows_ == capacity_) Grow();
    ++rows_;
  }
  // Setters and getters work on the last row.
  void SetU32(int column, uint32_t value) { u32_[column][rows_ - 1] = value; }
  void SetI64(int column, int64_t value) { i64_[column][rows_ - 1] = value; }
  void SetText(int column, std::string_view text) {
    Dictionary& dictionary = dictionaries_[column];
    const size_t before = dictionary.bytes().size();
    u32_[column][rows_ - 1] = dictionary.Code(text);
    text_bytes_ += dictionary.bytes().size() - before;
  }
  int64_t GetI64(int column) const { return i64_[column][rows_ - 1]; }
  // Copies a row of another batch of the same class.
  void CopyRow(const Batch& batch, uint32_t row);
  // Sealed batch; the builder is empty afterwards.
  std::shared_ptr<Batch> Seal();

 private:
  void Grow();

  int event_class_;
  uint32_t rows_ = 0;
  uint32_t capacity_ = 0;
  size_t text_bytes_ = 0;
  // One value per row of capacity. Those beyond rows_ hold the default, so that beginning a row
  // touches no column.
  std::vector<std::vector<uint32_t>> u32_;  // u32 values, or codes of text
  std::vector<std::vector<int64_t>> i64_;
  std::vector<Dictionary> dictionaries_;
};

// 64-bit hash with a key drawn at start, so that nobody outside can aim for collisions.
uint64_t KeyedHash(const void* data, size_t size, uint64_t seed);

}  // namespace weir
