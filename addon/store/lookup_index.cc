#include "store/lookup_index.h"

#include <algorithm>

#include "store/face.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

int64_t TextKey(std::string_view text) {
  return static_cast<int64_t>(KeyedHash(text.data(), text.size(), 0));
}

}  // namespace

bool LookupIndex::Supports(const TableSpec& table, int column) {
  const FaceColumn& face = table.columns[column];
  if (face.how != How::kColumn) return false;
  // Either half of a rename may be meant.
  return !(table.file_events && FaceOfText(table, face));
}

bool LookupIndex::Key(const TableSpec& table, int column, sqlite3_value* value, int64_t* key) {
  if (FaceOfText(table, table.columns[column])) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return false;
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    *key = TextKey({text, static_cast<size_t>(sqlite3_value_bytes(value))});
    return true;
  }
  const Range range = IntegerBounds(Op::kEq, value);
  *key = range.low;
  return range.low == range.high && range.low != kNullI64;
}

void LookupIndex::Begin(int column) {
  column_ = column;
  entries_.clear();
}

bool LookupIndex::Add(const TableSpec& table, const RowFilter& base, uint32_t index,
                      Segment& segment, BlockReader* reader) {
  std::vector<uint32_t> rows;
  if (!base.Pick(segment, reader, &rows)) return false;
  const Column* column = segment.Get(reader, table.columns[column_].column);
  if (!column) return false;
  const uint64_t high = uint64_t{index} << 32;
  if (!column->text) {
    for (const uint32_t row : rows) {
      if (column->Int(row) != kNullI64) entries_.push_back({column->Int(row), high | row});
    }
    return true;
  }
  std::vector<int64_t> keys(column->entries);
  for (uint32_t code = 1; code < column->entries; ++code) keys[code] = TextKey(column->Entry(code));
  for (const uint32_t row : rows) {
    if (column->codes[row] != 0) entries_.push_back({keys[column->codes[row]], high | row});
  }
  return true;
}

void LookupIndex::Finish() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : a.position < b.position;
  });
  built_ = true;
}

std::pair<const LookupIndex::Entry*, const LookupIndex::Entry*> LookupIndex::Find(
    int64_t key) const {
  const auto [from, to] =
      std::equal_range(entries_.begin(), entries_.end(), Entry{key, 0},
                       [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return {entries_.data() + (from - entries_.begin()), entries_.data() + (to - entries_.begin())};
}

}  // namespace weir::store
