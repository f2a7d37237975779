// Rows in memory as they were appended: part of a batch, and the text columns that operators made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch/batch.h"
#include "store/column.h"

namespace weir::store {

// A text column made by an operator; codes are by row of the batch, entry 0 is NULL.
struct StreamText {
  int column = 0;
  std::vector<uint32_t> codes;
  std::vector<uint32_t> offsets;  // entries + 1
  std::string bytes;
};

// What append was given, shared by the pieces that it was cut into.
struct Appended {
  BatchPtr batch;
  std::vector<StreamText> stream;
  size_t bytes = 0;
};

// Immutable: readers on any thread, and the encoder, read it without a lock.
class HotRows {
 public:
  HotRows(std::shared_ptr<const Appended> source, std::vector<uint32_t> rows, int64_t first_seq)
      : source_(std::move(source)),
        rows_(std::move(rows)),
        first_seq_(first_seq),
        gapless_(rows_.back() - rows_.front() + 1 == rows_.size()) {}

  int event_class() const { return source_->batch->event_class; }
  uint32_t rows() const { return static_cast<uint32_t>(rows_.size()); }
  int64_t first_seq() const { return first_seq_; }
  int64_t last_seq() const { return first_seq_ + rows() - 1; }
  size_t bytes() const {
    return source_->bytes * rows() / source_->batch->rows + rows_.capacity() * 4;
  }
  // Fills `out` with a physical column (kSeqColumn: seq). Dictionaries are not copied: `out` is
  // valid as long as this object.
  void Read(int column, Column* out) const;
  // The same of an integer column, to as many as there are rows.
  void ReadIntegers(int column, int64_t* to) const;
  // The integer that all rows have; NULL of a text column that has no text. nullopt: neither.
  std::optional<int64_t> Same(int column) const;
  void TimeRange(int64_t* first, int64_t* last) const;

 private:
  std::shared_ptr<const Appended> source_;
  std::vector<uint32_t> rows_;  // rows of the batch, ascending
  int64_t first_seq_;
  bool gapless_;  // of the batch's rows none is missing in between
};

inline constexpr int kSeqColumn = -1;

}  // namespace weir::store
