// Where the values of one column are, for the inner side of a join: SQLite looks up one value after
// the other through the same cursor, and walking all blocks each time would not end. Eight bytes
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
  // Bits of a hash, a segment's number, a row; sorted, so a value's rows are in seq order. Other
  // values may have the same hash: SQLite checks every row again.
  using Entry = uint64_t;
  static size_t SegmentOf(Entry entry) { return entry >> kRowBits & ((1u << kSegmentBits) - 1); }
  static uint32_t RowOf(Entry entry) { return entry & ((1u << kRowBits) - 1); }
  struct Found {
    const Entry* from;
    const Entry* to;
  };

  enum class State { kNone, kRows, kSegments, kTooLarge };
  // Of the index for this column of the face.
  State state(int column) const { return column == column_ ? state_ : State::kNone; }
  // Adds what `base` lets through, segment by segment, then Finish.
  void Begin(int column, uint64_t rows, size_t segments);
  // False: the segment is corrupt; none of its rows was added.
  bool Add(const schema::TableSpec& table, const RowFilter& base, size_t index, Segment& segment,
           BlockReader* reader);
  void Finish();
  Found Find(int64_t key) const;

  // True when look-ups by this column can use an index at all.
  static bool Supports(const schema::TableSpec& table, int column);
  // The key of a value; false when only a scan can answer.
  static bool Key(const schema::TableSpec& table, int column, sqlite3_value* value, int64_t* key);

 private:
  static constexpr int kSegmentBits = 20, kRowBits = 20;
  static constexpr int kPlaceBits = kSegmentBits + kRowBits;
  static constexpr int kHashBits = 64 - kPlaceBits;
  static constexpr uint64_t kMaxEntries = 3'000'000;  // twice as much memory while it is sorted

  void Push(int64_t key, size_t segment, uint32_t row);
  void Sort();
  size_t BucketOf(uint64_t hash) const { return hash >> (kHashBits - bucket_bits_); }

  int column_ = -1;
  State state_ = State::kNone;
  std::vector<Entry> entries_;
  // By the first bits of the hash: where its entries begin.
  int bucket_bits_ = 0;
  std::vector<uint32_t> buckets_;
  std::vector<uint8_t> seen_;  // scratch: by code
};

}  // namespace weir::store
