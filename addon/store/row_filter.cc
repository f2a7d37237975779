#include "store/row_filter.h"

#include <algorithm>
#include <numeric>

#include "store/face.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
namespace file = schema::file_column;

namespace {

constexpr int kTimeColumn = schema::process_column::kTimeNs;  // the same in every class

int PhysicalOf(const FaceColumn& face) {
  return face.how == How::kSeq || face.how == How::kEid ? kSeqColumn : face.column;
}

template <typename Keep>
void KeepIf(std::vector<uint32_t>* rows, Keep keep) {
  size_t kept = 0;
  for (const uint32_t row : *rows) {
    (*rows)[kept] = row;
    kept += keep(row) ? 1 : 0;
  }
  rows->resize(kept);
}

}  // namespace

void RowFilter::Reset() {
  never_ = false;
  seqs_ = times_ = Range{};
  ints_.clear();
  texts_.clear();
}

void RowFilter::SetBase(const Range& seqs, bool category_only) {
  seqs_ = seqs;
  never_ = seqs.empty();
  if (table_.only_column >= 0) {
    TextCondition only{nullptr, table_.only_column, {}};
    for (int i = 0; i < table_.only_count; ++i) only.any.insert(table_.only_values[i]);
    texts_.push_back(std::move(only));
  }
  if (category_only) texts_.push_back({nullptr, file::kCategory, {}});
}

int RowFilter::Add(const Plan& plan, int count, sqlite3_value** values) {
  for (int i = 0; i < count && i < static_cast<int>(plan.terms.size()); ++i) {
    const PlanTerm& term = plan.terms[i];
    const FaceColumn& face = table_.columns[term.column];
    int rc = SQLITE_OK;
    if (FaceOfText(table_, face)) {
      rc = AddText(face, term.op, values[i]);
    } else if (term.op == Op::kIn) {
      rc = AddIntegerList(face, values[i]);
    } else {
      AddInteger(face, term.op, values[i]);
    }
    if (rc != SQLITE_OK) return rc;
  }
  never_ = never_ || seqs_.empty() || times_.empty();
  return SQLITE_OK;
}

void RowFilter::AddInteger(const FaceColumn& face, Op op, sqlite3_value* value) {
  Range range = face.how == How::kEid ? EidBounds(op, value) : IntegerBounds(op, value);
  if (face.how == How::kSeconds) range = SecondsToNanoseconds(range);
  if (range.empty()) never_ = true;
  const int column = PhysicalOf(face);
  if (column == kSeqColumn) {
    seqs_.Intersect(range);
    return;
  }
  if (column == kTimeColumn) times_.Intersect(range);
  // NULL, the smallest integer, is in no comparison.
  range.low = std::max(range.low, kNullI64 + 1);
  ints_.push_back({column, range, {}, false});
}

int RowFilter::AddIntegerList(const FaceColumn& face, sqlite3_value* list) {
  IntCondition condition{PhysicalOf(face), {INT64_MAX, INT64_MIN}, {}, true};
  sqlite3_value* value = nullptr;
  int rc = sqlite3_vtab_in_first(list, &value);
  for (; rc == SQLITE_OK && value; rc = sqlite3_vtab_in_next(list, &value)) {
    Range range = face.how == How::kEid ? EidBounds(Op::kEq, value) : IntegerBounds(Op::kEq, value);
    if (face.how == How::kSeconds) range = SecondsToNanoseconds(range);
    if (range.empty()) continue;
    condition.range.low = std::min(condition.range.low, range.low);
    condition.range.high = std::max(condition.range.high, range.high);
    if (range.low == range.high) {
      condition.any.push_back(range.low);
    } else {
      condition.by_value = false;  // a second, or a value that SQLite must judge: bounds alone
    }
  }
  if (rc != SQLITE_OK && rc != SQLITE_DONE) return rc;
  if (condition.range.empty()) {
    never_ = true;
    return SQLITE_OK;
  }
  std::sort(condition.any.begin(), condition.any.end());
  if (condition.column == kSeqColumn) seqs_.Intersect(condition.range);
  if (condition.column == kTimeColumn) times_.Intersect(condition.range);
  condition.range.low = std::max(condition.range.low, kNullI64 + 1);
  ints_.push_back(std::move(condition));
  return SQLITE_OK;
}

int RowFilter::AddText(const FaceColumn& face, Op op, sqlite3_value* value) {
  TextCondition condition{&face, face.column, {}};
  bool exact = true;
  const auto take = [&](sqlite3_value* one) {
    const int type = sqlite3_value_type(one);
    if (type == SQLITE_NULL) return;
    // A number may be compared as a number (with a column of such affinity): left to SQLite.
    if (type != SQLITE_TEXT) {
      exact = false;
      return;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(one));
    condition.any.emplace(text, sqlite3_value_bytes(one));
  };
  int rc = SQLITE_OK;
  if (op == Op::kIn) {
    sqlite3_value* one = nullptr;
    rc = sqlite3_vtab_in_first(value, &one);
    for (; rc == SQLITE_OK && one; rc = sqlite3_vtab_in_next(value, &one)) take(one);
    if (rc == SQLITE_DONE) rc = SQLITE_OK;
  } else {
    take(value);
  }
  if (rc != SQLITE_OK || !exact) return rc;
  if (condition.any.empty()) never_ = true;
  texts_.push_back(std::move(condition));
  return SQLITE_OK;
}

bool RowFilter::MayMatch(const BlockMeta& meta) const {
  return meta.last_seq >= seqs_.low && meta.first_seq <= seqs_.high &&
         meta.last_time >= times_.low && meta.first_time <= times_.high;
}

bool RowFilter::Pick(Segment& segment, BlockReader* reader, std::vector<uint32_t>* rows) const {
  rows->clear();
  for (const IntCondition& condition : ints_) {
    int64_t min, max;
    bool has_null;
    if (segment.Bounds(condition.column, &min, &max, &has_null) &&
        (max < condition.range.low || min > condition.range.high)) {
      return true;
    }
  }
  rows->resize(segment.meta().rows);
  std::iota(rows->begin(), rows->end(), 0);
  if (segment.meta().first_seq < seqs_.low || segment.meta().last_seq > seqs_.high) {
    if (!PickInts({kSeqColumn, seqs_, {}, false}, segment, reader, rows)) return false;
  }
  for (const IntCondition& condition : ints_) {
    if (rows->empty()) return true;
    int64_t min, max;
    bool has_null;
    if (!condition.by_value && segment.Bounds(condition.column, &min, &max, &has_null) &&
        !has_null && min >= condition.range.low && max <= condition.range.high) {
      continue;
    }
    if (!PickInts(condition, segment, reader, rows)) return false;
  }
  for (const TextCondition& condition : texts_) {
    if (rows->empty()) return true;
    if (!PickText(condition, segment, reader, rows)) return false;
  }
  return true;
}

bool RowFilter::PickInts(const IntCondition& condition, Segment& segment, BlockReader* reader,
                         std::vector<uint32_t>* rows) const {
  const Column* column = segment.Get(reader, condition.column);
  if (!column) return false;
  const int64_t* values = column->ints.data();
  if (condition.by_value) {
    KeepIf(rows, [&](uint32_t row) {
      return std::binary_search(condition.any.begin(), condition.any.end(), values[row]);
    });
  } else {
    const auto [low, high] = condition.range;
    KeepIf(rows, [=](uint32_t row) { return values[row] >= low && values[row] <= high; });
  }
  return true;
}

std::vector<uint8_t> RowFilter::Accepted(const TextCondition& condition,
                                         const Column& column) const {
  std::vector<uint8_t> accepted(column.entries, 0);
  const bool any = condition.any.empty();  // only NULL is refused
  const bool one = condition.any.size() == 1;
  for (uint32_t code = 0; code < column.entries; ++code) {
    std::optional<std::string_view> text;
    if (code != 0) text = column.Entry(code);
    if (condition.face) text = FaceText(*condition.face, text);
    accepted[code] = text && (any || (one ? *text == *condition.any.begin()
                                          : condition.any.contains(std::string(*text))));
  }
  return accepted;
}

bool RowFilter::PickText(const TextCondition& condition, Segment& segment, BlockReader* reader,
                         std::vector<uint32_t>* rows) const {
  const Column* column = segment.Get(reader, condition.column);
  if (!column) return false;
  std::vector<uint8_t> accepted = Accepted(condition, *column);
  const bool rename_face = table_.file_events && condition.face;
  if (rename_face && condition.column == file::kAction) {
    // Shown as MOVED_FROM and MOVED_TO: SQLite decides which half it wants.
    for (uint32_t code = 1; code < column->entries; ++code) {
      if (column->Entry(code) == "rename") accepted[code] = 1;
    }
  }
  if (!rename_face || condition.column != file::kTargetPath) {
    KeepIf(rows, [&](uint32_t row) { return accepted[column->codes[row]] != 0; });
    return true;
  }
  // MOVED_TO shows dest_path as target_path.
  const Column* destination = segment.Get(reader, file::kDestPath);
  if (!destination) return false;
  const std::vector<uint8_t> moved = Accepted(condition, *destination);
  KeepIf(rows, [&](uint32_t row) {
    return accepted[column->codes[row]] != 0 || moved[destination->codes[row]] != 0;
  });
  return true;
}

}  // namespace weir::store
