// Where the values of one column are, for the inner side of a join: SQLite looks up one value after
// the other through the same cursor, and walking all blocks each time would not end. Twelve bytes
// for a row; of large tables, for a value in a segment, whose rows are then found by an ordinary
// walk.
#pragma once

#include <cstdint>
#include <vector>

#include "store/row_filter.h"
#include "store/segment.h"

namespace weir::store {

class LookupIndex {
 public:
  // A value's hash, which tells integers for certain, and its place: the row's number in the table
  // or a segment's. Sorted by both. In halves, as it would have padding otherwise.
  struct Entry {
    uint32_t high, low, place;
    uint64_t hash() const { return uint64_t{high} << 32 | low; }
  };
  struct Found {
    const Entry* from;
    const Entry* to;
  };
  // kTooLarge: of no use.
  enum class State { kRows, kSegments, kTooLarge };

  // Of a column of the face. Then Add, segment by segment, and Finish.
  LookupIndex(const schema::TableSpec& table, int column, const std::vector<Segment>& segments);
  // Adds what `base` lets through. False: the segment is corrupt; none of its rows was added.
  bool Add(const RowFilter& base, size_t index, Segment& segment, BlockReader* reader);
  void Finish();

  int column() const { return column_; }
  State state() const { return state_; }
  size_t bytes() const;

  // Of kRows: rows whose value has this key, which is the value itself where it is an integer. Of
  // kSegments: segments that may have such rows.
  Found Find(int64_t key) const;
  // Bring nearer what Find will read.
  void FetchBucket(int64_t key) const;
  void FetchEntries(int64_t key) const;
  size_t SegmentOf(Entry entry) const {
    if (state_ == State::kSegments) return entry.place;
    size_t segment = near_[entry.place >> kNearBits];
    while (entry.place >= first_row_[segment + 1]) ++segment;
    return segment;
  }
  // Of kRows.
  uint32_t RowOf(Entry entry, size_t segment) const { return entry.place - first_row_[segment]; }

  // True when look-ups by this column can use an index at all.
  static bool Supports(const schema::TableSpec& table, int column);
  // The key of a value; false when only a scan can answer.
  static bool Key(const schema::TableSpec& table, int column, sqlite3_value* value, int64_t* key);

 private:
  static constexpr int kNearBits = 10;
  static constexpr uint64_t kMaxEntries = 3'000'000;

  void Push(uint64_t hash, size_t segment, uint32_t row) {
    const auto place =
        static_cast<uint32_t>(state_ == State::kRows ? first_row_[segment] + row : segment);
    entries_.push_back({static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(hash), place});
  }
  void Part(std::vector<uint32_t>* begins);
  void SortPart(size_t part, size_t begin, size_t end);

  const schema::TableSpec& table_;
  const int column_;
  State state_;
  std::vector<Entry> entries_;
  int bucket_bits_ = 0;
  std::vector<uint32_t> buckets_;    // by the first bits of a hash: where its entries begin
  std::vector<uint32_t> first_row_;  // of each segment, and the end
  std::vector<uint32_t> near_;       // by row >> kNearBits: the segment of the first such row

  int part_bits_ = 0;

  // Scratch, until Finish.
  std::vector<uint8_t> seen_;  // by code
  std::vector<Entry> copy_;
  std::vector<uint32_t> counts_;
};

}  // namespace weir::store
