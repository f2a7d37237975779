#include "store/plan.h"

#include <algorithm>

#include "store/face.h"

namespace weir::store {

using schema::FaceColumn;
using schema::How;
using schema::TableSpec;

namespace {

constexpr double kRowsGuess = 1e6;
constexpr std::string_view kSeparator = " and ";
constexpr std::string_view kNewest = "newest first";
constexpr std::string_view kOldest = "oldest first";

struct OpName {
  Op op;
  std::string_view name;
  unsigned char constraint;
};
constexpr OpName kOps[] = {
    {Op::kEq, "=", SQLITE_INDEX_CONSTRAINT_EQ},  {Op::kLt, "<", SQLITE_INDEX_CONSTRAINT_LT},
    {Op::kLe, "<=", SQLITE_INDEX_CONSTRAINT_LE}, {Op::kGt, ">", SQLITE_INDEX_CONSTRAINT_GT},
    {Op::kGe, ">=", SQLITE_INDEX_CONSTRAINT_GE}, {Op::kIn, "in", 0},
};

bool IsEquality(Op op) { return op == Op::kEq || op == Op::kIn; }

bool Takes(const TableSpec& table, const FaceColumn& face, Op op) {
  if (face.how == How::kEid) return true;
  if (FaceOfInteger(table, face)) return true;
  return FaceOfText(table, face) && IsEquality(op);
}

bool IsOrder(const FaceColumn& face) { return face.how == How::kSeq || face.how == How::kEid; }

// How much of the rows is left, roughly; the planner only compares.
double Selectivity(const FaceColumn& face, Op op) {
  if (IsEquality(op)) {
    if (IsOrder(face)) return 1e-6;
    return face.how == How::kSeconds ? 1e-3 : 1e-2;
  }
  return 0.25;
}

}  // namespace

int BestIndex(const TableSpec& table, sqlite3_index_info* info) {
  std::string words;
  double rows = kRowsGuess;
  bool lookup = false;
  int arguments = 0;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (!constraint.usable || constraint.iColumn < 0 || constraint.iColumn >= table.count) continue;
    const auto* op = std::find_if(std::begin(kOps), std::end(kOps), [&](const OpName& o) {
      return o.constraint == constraint.op && o.constraint != 0;
    });
    if (op == std::end(kOps)) continue;
    const FaceColumn& face = table.columns[constraint.iColumn];
    if (!Takes(table, face, op->op)) continue;
    // Bytes are compared here, so another collation than SQLite's own must be left to it.
    if (!FaceOfInteger(table, face) &&
        std::string_view(sqlite3_vtab_collation(info, i)) != "BINARY") {
      continue;
    }
    std::string_view name = op->name;
    // All values of IN at once, or the table would be walked once for each.
    if (op->op == Op::kEq && SqliteAtLeast(3'038'000) && sqlite3_vtab_in(info, i, -1)) {
      sqlite3_vtab_in(info, i, 1);
      name = "in";
    }
    info->aConstraintUsage[i].argvIndex = ++arguments;
    if (!words.empty()) words += kSeparator;
    words.append(face.name).append(" ").append(name).append(" ?");
    rows *= Selectivity(face, op->op);
    lookup = lookup || IsEquality(op->op);
  }
  bool newest = false;
  if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn >= 0 &&
      IsOrder(table.columns[info->aOrderBy[0].iColumn])) {
    info->orderByConsumed = 1;
    newest = info->aOrderBy[0].desc != 0;
  }
  if (!words.empty()) words += ", ";
  words += newest ? kNewest : kOldest;
  info->estimatedRows = static_cast<sqlite3_int64>(std::max(rows, 1.0));
  // Repeated look-ups by one statement build an index (see LookupIndex), so they cost little.
  info->estimatedCost = lookup ? 100 + rows : rows;
  info->idxStr = sqlite3_mprintf("%s", words.c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

Plan ParsePlan(const TableSpec& table, const char* text) {
  Plan plan;
  std::string_view words(text);
  plan.newest_first = words.ends_with(kNewest);
  words.remove_suffix(plan.newest_first ? kNewest.size() : kOldest.size());
  if (words.ends_with(", ")) words.remove_suffix(2);
  while (!words.empty()) {
    const size_t end = words.find(kSeparator);
    const std::string_view term = words.substr(0, end);
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + kSeparator.size());
    const size_t space = term.find(' ');
    const std::string_view name = term.substr(0, space);
    const std::string_view op = term.substr(space + 1, term.rfind(' ') - space - 1);
    PlanTerm made;
    for (int c = 0; c < table.count; ++c) {
      if (name == table.columns[c].name) made.column = c;
    }
    for (const OpName& candidate : kOps) {
      if (candidate.name == op) made.op = candidate.op;
    }
    plan.terms.push_back(made);
  }
  return plan;
}

}  // namespace weir::store
