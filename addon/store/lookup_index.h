// Positions of rows by the value of one column, for the inner side of a join: SQLite looks up one
// value after the other through the same cursor, and walking all blocks each time would not end.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "store/row_filter.h"
#include "store/segment.h"

namespace weir::store {

class LookupIndex {
 public:
  static constexpr uint64_t kMaxRows = 4'000'000;  // 16 bytes each

  // Position: index of the segment << 32 | row.
  struct Entry {
    int64_t key;
    uint64_t position;
  };

  bool built() const { return built_; }
  // Column of the face that it is for.
  int column() const { return column_; }
  // Adds the rows that `base` lets through, segment by segment, then Finish.
  void Begin(int column);
  // False: the segment is corrupt; none of its rows was added.
  bool Add(const schema::TableSpec& table, const RowFilter& base, uint32_t index, Segment& segment,
           BlockReader* reader);
  void Finish();
  std::pair<const Entry*, const Entry*> Find(int64_t key) const;

  // True when look-ups by this column can use an index at all.
  static bool Supports(const schema::TableSpec& table, int column);
  // The key of a value; false when only a scan can answer.
  static bool Key(const schema::TableSpec& table, int column, sqlite3_value* value, int64_t* key);

 private:
  int column_ = -1;
  bool built_ = false;
  std::vector<Entry> entries_;  // by key, then position
};

}  // namespace weir::store
