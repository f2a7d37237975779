#include "store/row_filter.h"

#include <algorithm>
#include <cstring>

#include "store/face.h"
#include "store/value_filter.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
namespace file = schema::file_column;

namespace {

constexpr int kTimeColumn = schema::process_column::kTimeNs;  // the same in every class

int PhysicalOf(const FaceColumn& face) {
  return face.how == How::kSeq || face.how == How::kEid ? kSeqColumn : face.column;
}

// Lists longer than this are not looked up in filters.
constexpr size_t kMaxProbed = 256;

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
    std::unordered_set<std::string> values;
    for (int i = 0; i < table_.only_count; ++i) values.insert(table_.only_values[i]);
    texts_.push_back({nullptr, table_.only_column, TextMatch::OneOf(std::move(values))});
  }
  if (category_only) texts_.push_back({nullptr, file::kCategory, TextMatch::NotNull()});
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
    } else if (i == plan.exact) {
      rc = AddEqual(face, values[i]);
    } else {
      AddInteger(face, term.op, values[i]);
    }
    if (rc != SQLITE_OK) return rc;
  }
  never_ = never_ || seqs_.empty() || times_.empty();
  return SQLITE_OK;
}

void RowFilter::AddInteger(const FaceColumn& face, Op op, sqlite3_value* value) {
  using Kind = IntCondition::Kind;
  const int physical = PhysicalOf(face);
  const bool null = sqlite3_value_type(value) == SQLITE_NULL;
  if (op == Op::kIsNull || (op == Op::kIs && null)) {
    ints_.push_back({physical, {kNullI64, kNullI64}, Kind::kNull, {}, false});
    return;
  }
  if (op == Op::kNotNull || (op == Op::kIsNot && null)) {
    ints_.push_back({physical, {kNullI64 + 1, INT64_MAX}, Kind::kNotNull, {}, false});
    return;
  }
  if (op == Op::kNe || op == Op::kIsNot) {
    if (null) never_ = true;
    const std::optional<int64_t> exact = ExactInteger(value);
    // Seconds near the ends of nanoseconds are cut off there: left to SQLite.
    constexpr int64_t kMostSeconds = 9'000'000'000;
    if (!exact) return;
    if (face.how == How::kSeconds && (*exact > kMostSeconds || *exact < -kMostSeconds)) return;
    Range out{*exact, *exact};
    if (face.how == How::kSeconds) out = SecondsToNanoseconds(out);
    if (!out.empty()) ints_.push_back({physical, out, Kind::kOutside, {}, op == Op::kIsNot});
    return;
  }
  Range range = face.how == How::kEid ? EidBounds(op, value) : IntegerBounds(op, value);
  if (face.how == How::kSeconds) range = SecondsToNanoseconds(range);
  if (range.empty()) never_ = true;
  const int column = physical;
  if (column == kSeqColumn) {
    seqs_.Intersect(range);
    return;
  }
  if (column == kTimeColumn) times_.Intersect(range);
  // NULL, the smallest integer, is in no comparison.
  range.low = std::max(range.low, kNullI64 + 1);
  ints_.push_back({column, range, Kind::kRange, {}, false});
}

// SQLite does not look at what this lets through.
int RowFilter::AddEqual(const FaceColumn& face, sqlite3_value* value) {
  std::optional<int64_t> equal;
  if (!EqualInteger(value, &equal)) return SQLITE_NOMEM;
  if (!equal || *equal == kNullI64) {
    never_ = true;
    return SQLITE_OK;
  }
  if (face.column == kTimeColumn) times_.Intersect({*equal, *equal});
  ints_.push_back({face.column, {*equal, *equal}, IntCondition::Kind::kRange, {}, false});
  return SQLITE_OK;
}

int RowFilter::AddIntegerList(const FaceColumn& face, sqlite3_value* list) {
  using Kind = IntCondition::Kind;
  IntCondition condition{PhysicalOf(face), {INT64_MAX, INT64_MIN}, Kind::kValues, {}, false};
  sqlite3_value* value = nullptr;
  int rc = sqlite3_vtab_in_first(list, &value);
  for (; rc == SQLITE_OK && value; rc = sqlite3_vtab_in_next(list, &value)) {
    Range range = face.how == How::kEid ? EidBounds(Op::kEq, value) : IntegerBounds(Op::kEq, value);
    if (face.how == How::kSeconds) range = SecondsToNanoseconds(range);
    if (range.empty()) continue;
    condition.range.low = std::min(condition.range.low, range.low);
    condition.range.high = std::max(condition.range.high, range.high);
    if (range.low == range.high) {
      condition.any.Add(range.low);
    } else {
      condition.kind = Kind::kRange;  // a second, or a value that SQLite must judge: bounds alone
    }
  }
  if (rc != SQLITE_OK && rc != SQLITE_DONE) return rc;
  if (condition.range.empty()) {
    never_ = true;
    return SQLITE_OK;
  }
  condition.any.Finish();
  if (condition.column == kSeqColumn) seqs_.Intersect(condition.range);
  if (condition.column == kTimeColumn) times_.Intersect(condition.range);
  condition.range.low = std::max(condition.range.low, kNullI64 + 1);
  ints_.push_back(std::move(condition));
  return SQLITE_OK;
}

int RowFilter::AddText(const FaceColumn& face, Op op, sqlite3_value* value) {
  std::optional<TextMatch> match;
  if (op == Op::kIn) {
    std::unordered_set<std::string> values;
    bool exact = true;
    sqlite3_value* one = nullptr;
    int rc = sqlite3_vtab_in_first(value, &one);
    for (; rc == SQLITE_OK && one; rc = sqlite3_vtab_in_next(value, &one)) {
      const std::optional<TextMatch> single = TextMatch::Of(Op::kEq, one);
      exact = exact && single;
      if (single) values.insert(single->values()->begin(), single->values()->end());
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE) return rc;
    if (exact) match = TextMatch::OneOf(std::move(values));
  } else {
    match = TextMatch::Of(op, value);
  }
  if (!match) return SQLITE_OK;
  if (match->never()) never_ = true;
  texts_.push_back({&face, face.column, std::move(*match)});
  return SQLITE_OK;
}

bool RowFilter::MayMatch(const BlockMeta& meta) const {
  return meta.last_seq >= seqs_.low && meta.first_seq <= seqs_.high &&
         meta.last_time >= times_.low && meta.first_time <= times_.high;
}

bool RowFilter::IntCondition::Accepts(int64_t value) const {
  switch (kind) {
    case Kind::kValues:
      return any.Has(value);
    case Kind::kOutside:
      if (value == kNullI64) return null_too;
      return value < range.low || value > range.high;
    default:
      return value >= range.low && value <= range.high;
  }
}

bool RowFilter::MayHoldInts(const IntCondition& condition, Segment& segment,
                            BlockReader* reader) const {
  using Kind = IntCondition::Kind;
  const auto& [low, high] = condition.range;
  int64_t min, max;
  bool has_null;
  if (segment.Bounds(condition.column, &min, &max, &has_null)) {
    const bool all_null = min > max;
    switch (condition.kind) {
      case Kind::kNull:
        return has_null || all_null;
      case Kind::kNotNull:
        return !all_null;
      case Kind::kOutside:
        return (condition.null_too && (has_null || all_null)) ||
               (!all_null && (min < low || max > high));
      case Kind::kValues:
        if (!condition.any.Meets(min, max)) return false;
        break;
      case Kind::kRange:
        if (max < low || min > high) return false;
        break;
    }
  }
  if (condition.kind == Kind::kRange) {
    return low != high || segment.MayHave(reader, condition.column, FilterHash(low));
  }
  const std::vector<int64_t>& values = condition.any.values();
  if (condition.kind != Kind::kValues || values.size() > kMaxProbed) return true;
  return std::any_of(values.begin(), values.end(), [&](int64_t value) {
    return segment.MayHave(reader, condition.column, FilterHash(value));
  });
}

bool RowFilter::MayHoldText(const TextCondition& condition, Segment& segment,
                            BlockReader* reader) const {
  const auto* values = condition.match.values();
  if (!values || values->size() > kMaxProbed) return true;
  if (condition.face && condition.face->how != How::kColumn) return true;
  const bool renamed =
      table_.file_events && condition.face && condition.column == file::kTargetPath;
  return std::any_of(values->begin(), values->end(), [&](const std::string& value) {
    const uint64_t hash = FilterHash(std::string_view(value));
    return segment.MayHave(reader, condition.column, hash) ||
           (renamed && segment.MayHave(reader, file::kDestPath, hash));
  });
}

bool RowFilter::MayMatch(Segment& segment, BlockReader* reader) const {
  return std::all_of(ints_.begin(), ints_.end(),
                     [&](const auto& c) { return MayHoldInts(c, segment, reader); }) &&
         std::all_of(texts_.begin(), texts_.end(),
                     [&](const auto& c) { return MayHoldText(c, segment, reader); });
}

bool RowFilter::Pick(Segment& segment, BlockReader* reader, std::vector<uint32_t>* out) const {
  PickedRows rows(segment.meta().rows, out);
  if (segment.meta().first_seq < seqs_.low || segment.meta().last_seq > seqs_.high) {
    const IntCondition window{kSeqColumn, seqs_, IntCondition::Kind::kRange, {}, false};
    if (!PickInts(window, segment, reader, &rows)) return false;
  }
  for (const IntCondition& condition : ints_) {
    if (rows.none()) return true;
    int64_t min, max;
    bool has_null;
    if (condition.kind == IntCondition::Kind::kRange &&
        segment.Bounds(condition.column, &min, &max, &has_null) && !has_null &&
        min >= condition.range.low && max <= condition.range.high) {
      continue;
    }
    if (!PickInts(condition, segment, reader, &rows)) return false;
  }
  for (const TextCondition& condition : texts_) {
    if (rows.none()) return true;
    if (!PickText(condition, segment, reader, &rows)) return false;
  }
  rows.Finish();
  return true;
}

bool RowFilter::PickInts(const IntCondition& condition, Segment& segment, BlockReader* reader,
                         PickedRows* rows) const {
  const Column* column = segment.Get(reader, condition.column);
  if (!column) return false;
  const int64_t* values = column->ints.data();
  if (column->coded) {
    std::vector<uint8_t> accepted(column->ints.size());
    for (size_t i = 0; i < accepted.size(); ++i) accepted[i] = condition.Accepts(values[i]) ? 1 : 0;
    rows->KeepIf([&](uint32_t row) { return accepted[column->codes[row]] != 0; });
  } else if (condition.kind == IntCondition::Kind::kRange) {
    const auto [low, high] = condition.range;
    rows->KeepIf([=](uint32_t row) { return values[row] >= low && values[row] <= high; });
  } else {
    rows->KeepIf([&](uint32_t row) { return condition.Accepts(values[row]); });
  }
  return true;
}

std::vector<uint8_t> RowFilter::Accepted(const TextCondition& condition,
                                         const Column& column) const {
  const FaceColumn* face = condition.face;
  if (!face || face->how == How::kColumn) return condition.match.Accepted(column);
  std::vector<uint8_t> accepted(column.entries, 0);
  for (uint32_t code = 0; code < column.entries; ++code) {
    std::optional<std::string_view> text;
    if (code != 0) text = column.Entry(code);
    accepted[code] = condition.match(FaceText(*face, text)) ? 1 : 0;
  }
  return accepted;
}

bool RowFilter::PickText(const TextCondition& condition, Segment& segment, BlockReader* reader,
                         PickedRows* rows) const {
  const Column* column = segment.Dictionary(reader, condition.column);
  if (!column) return false;
  std::vector<uint8_t> accepted = Accepted(condition, *column);
  const bool rename_face = table_.file_events && condition.face;
  if (rename_face && condition.column == file::kAction) {
    // Shown as MOVED_FROM and MOVED_TO: SQLite decides which half it wants.
    for (uint32_t code = 1; code < column->entries; ++code) {
      if (column->Entry(code) == "rename") accepted[code] = 1;
    }
  }
  const auto any = [](const std::vector<uint8_t>& of) {
    return memchr(of.data(), 1, of.size()) != nullptr;
  };
  if (!rename_face || condition.column != file::kTargetPath) {
    if (!any(accepted)) return rows->Clear();
    if (!segment.Get(reader, condition.column)) return false;
    rows->KeepIf([&](uint32_t row) { return accepted[column->codes[row]] != 0; });
    return true;
  }
  // MOVED_TO shows dest_path as target_path.
  const Column* destination = segment.Dictionary(reader, file::kDestPath);
  if (!destination) return false;
  const std::vector<uint8_t> moved = Accepted(condition, *destination);
  if (!any(accepted) && !any(moved)) return rows->Clear();
  if (!segment.Get(reader, condition.column)) return false;
  if (!any(moved)) {
    rows->KeepIf([&](uint32_t row) { return accepted[column->codes[row]] != 0; });
    return true;
  }
  if (!segment.Get(reader, file::kDestPath)) return false;
  rows->KeepIf([&](uint32_t row) {
    return accepted[column->codes[row]] != 0 || moved[destination->codes[row]] != 0;
  });
  return true;
}

}  // namespace weir::store
