#include "store/plan.h"

#include <algorithm>

#include "store/face.h"
#include "store/group_walk.h"
#include "store/plan_words.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

constexpr double kRowsGuess = 1e6;
// A rule looks at every batch. So that its joins begin with the new rows and look history up,
// rather than walk over history each time, new rows are said to be as few as can be.
constexpr double kNewRowsGuess = 1;
// Before it, the ON clause of a LEFT JOIN and its WHERE come here alike; where NULL matches, they
// are not the same.
constexpr int kTellsOuterJoins = 3'039'000;

struct Taken {
  unsigned char constraint;
  Op op;
};
constexpr Taken kTaken[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, Op::kEq},
    {SQLITE_INDEX_CONSTRAINT_NE, Op::kNe},
    {SQLITE_INDEX_CONSTRAINT_LT, Op::kLt},
    {SQLITE_INDEX_CONSTRAINT_LE, Op::kLe},
    {SQLITE_INDEX_CONSTRAINT_GT, Op::kGt},
    {SQLITE_INDEX_CONSTRAINT_GE, Op::kGe},
    {SQLITE_INDEX_CONSTRAINT_LIKE, Op::kLike},
    {SQLITE_INDEX_CONSTRAINT_GLOB, Op::kGlob},
    {SQLITE_INDEX_CONSTRAINT_REGEXP, Op::kRegexp},
    {SQLITE_INDEX_CONSTRAINT_IS, Op::kIs},
    {SQLITE_INDEX_CONSTRAINT_ISNOT, Op::kIsNot},
    {SQLITE_INDEX_CONSTRAINT_ISNULL, Op::kIsNull},
    {SQLITE_INDEX_CONSTRAINT_ISNOTNULL, Op::kNotNull},
};

bool IsLookup(Op op) { return op == Op::kEq || op == Op::kIn || op == Op::kIs; }
bool KnowsNull(Op op) {
  return op == Op::kIs || op == Op::kIsNot || op == Op::kIsNull || op == Op::kNotNull;
}
bool IsPattern(Op op) { return op == Op::kLike || op == Op::kGlob || op == Op::kRegexp; }
bool IsOrder(const FaceColumn& face) { return face.how == How::kSeq || face.how == How::kEid; }
// Equal for the table's own comparison of bytes may be unequal for SQLite's collation, but what is
// different for bytes is all that these let through.
bool NeedsBinary(Op op) {
  return !IsPattern(op) && op != Op::kNe && op != Op::kIsNull && op != Op::kNotNull;
}

bool Takes(const TableSpec& table, const FaceColumn& face, Op op) {
  if (KnowsNull(op) && !SqliteAtLeast(kTellsOuterJoins)) return false;
  // Either half of a rename shows NULL there.
  const bool hides = table.file_events && face.column == schema::file_column::kDestPath;
  if (hides && KnowsNull(op)) return false;
  if (IsOrder(face)) return op != Op::kNe && !KnowsNull(op) && !IsPattern(op);
  if (FaceOfInteger(table, face)) return !IsPattern(op);
  return FaceOfText(table, face) && std::string_view(face.type) == "TEXT";
}

// How much of the rows is left, roughly; the planner only compares.
double Selectivity(const FaceColumn& face, Op op) {
  if (IsLookup(op)) {
    if (IsOrder(face)) return 1e-6;
    // Ids. One look-up by them is better than one for each side of an OR.
    if (face.how == How::kColumn && std::string_view(face.type) == "BIGINT") return 1e-5;
    return face.how == How::kSeconds ? 1e-3 : 1e-2;
  }
  if (op == Op::kNe || op == Op::kIsNot || op == Op::kNotNull) return 0.9;
  return 0.25;
}

// Orders that the table can walk in. False: SQLite sorts.
bool ChooseWalk(const TableSpec& table, sqlite3_index_info* info, Plan* plan) {
  const auto* by = info->aOrderBy;
  if (info->nOrderBy < 1 || info->nOrderBy > 2 || by[0].iColumn < 0) return false;
  const FaceColumn& first = table.columns[by[0].iColumn];
  plan->newest_first = by[0].desc != 0;
  if (info->nOrderBy == 2) {
    if (by[1].iColumn < 0 || by[1].desc != by[0].desc) return false;
    if (!IsOrder(table.columns[by[1].iColumn])) return false;
  } else if (IsOrder(first)) {
    return true;
  }
  if (IsTime(first)) {
    plan->walk = Walk::kTime;
    plan->column = by[0].iColumn;
    return true;
  }
  if (info->nOrderBy != 1 || !SqliteAtLeast(3'038'000)) return false;
  const int wanted = sqlite3_vtab_distinct(info);
  if (wanted != 1 && wanted != 2) return false;
  const int column = by[0].iColumn;
  if (column >= 63 || info->colUsed != uint64_t{1} << column) return false;
  if (!GroupWalk::Supports(table, column)) return false;
  plan->walk = wanted == 1 ? Walk::kGrouped : Walk::kDistinct;
  plan->column = column;
  return true;
}

}  // namespace

int ExactTerm(const TableSpec& table, const std::vector<PlanTerm>& terms) {
  for (size_t i = 0; i < terms.size(); ++i) {
    const FaceColumn& face = table.columns[terms[i].column];
    if (terms[i].op != Op::kEq || face.how != How::kColumn) continue;
    if (FaceOfInteger(table, face) && std::string_view(face.type) == "BIGINT") {
      return static_cast<int>(i);
    }
  }
  return -1;
}

int BestIndex(const TableSpec& table, Role role, sqlite3_index_info* info) {
  Plan plan;
  std::vector<int> constraints;  // of the terms
  double rows = role == Role::kNew ? kNewRowsGuess : kRowsGuess;
  bool lookup = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (!constraint.usable || constraint.iColumn < 0 || constraint.iColumn >= table.count) continue;
    const auto* taken = std::find_if(std::begin(kTaken), std::end(kTaken),
                                     [&](const Taken& t) { return t.constraint == constraint.op; });
    if (taken == std::end(kTaken)) continue;
    Op op = taken->op;
    const FaceColumn& face = table.columns[constraint.iColumn];
    if (!Takes(table, face, op)) continue;
    // Bytes are compared here, so another collation than SQLite's own must be left to it.
    if (!FaceOfInteger(table, face) && NeedsBinary(op) &&
        std::string_view(sqlite3_vtab_collation(info, i)) != "BINARY") {
      continue;
    }
    // All values of IN at once, or the table would be walked once for each.
    if (op == Op::kEq && SqliteAtLeast(3'038'000) && sqlite3_vtab_in(info, i, -1)) {
      sqlite3_vtab_in(info, i, 1);
      op = Op::kIn;
    }
    plan.terms.push_back({constraint.iColumn, op});
    constraints.push_back(i);
    info->aConstraintUsage[i].argvIndex = static_cast<int>(plan.terms.size());
    rows *= Selectivity(face, op);
    lookup = lookup || IsLookup(op);
  }
  const int exact = ExactTerm(table, plan.terms);
  if (exact >= 0) info->aConstraintUsage[constraints[exact]].omit = 1;
  if (ChooseWalk(table, info, &plan)) {
    info->orderByConsumed = 1;
  } else {
    plan.newest_first = false;
  }
  info->estimatedRows = static_cast<sqlite3_int64>(std::max(rows, 1.0));
  // Repeated look-ups by one statement build an index (see LookupIndex), so they cost little.
  info->estimatedCost = lookup ? 100 + rows : rows;
  info->idxStr = sqlite3_mprintf("%s", PlanWords(table, plan).c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

}  // namespace weir::store
