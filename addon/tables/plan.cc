#include "tables/plan.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tables/script_table.h"

namespace weir::tables {

namespace {

std::optional<Operator> OperatorOf(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return Operator::kEqual;
    case SQLITE_INDEX_CONSTRAINT_LIKE:
      return Operator::kLike;
    case SQLITE_INDEX_CONSTRAINT_GLOB:
      return Operator::kGlob;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return Operator::kLess;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return Operator::kLessEqual;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return Operator::kGreater;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return Operator::kGreaterEqual;
    default:
      return std::nullopt;
  }
}

uint64_t UsedColumns(const ScriptTable& table, uint64_t asked) {
  uint64_t used = 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if ((asked >> std::min<size_t>(i, 63)) & 1) used |= 1ull << std::min(table.columns[i].real, 63);
  }
  return used;
}

std::string Words(const ScriptTable& table, const Plan& plan) {
  // In the order of Operator.
  constexpr const char* kNames[] = {"=", "like", "glob", "<", "<=", ">", ">="};
  std::string words;
  for (const PlanItem& item : plan.items) {
    if (!words.empty()) words += " and ";
    words += table.columns[static_cast<size_t>(item.column)].name;
    words += ' ';
    words += item.in ? "in" : kNames[static_cast<int>(item.op)];
    words += " ?";
  }
  if (words.empty()) words = "all rows";
  if (plan.limit) words += ", limit";
  if (plan.missing) words += ", without the constraint that it needs";
  return words;
}

// A table that must have a constraint and has none is no error yet: the same table may be asked
// again for the branches of an OR. No other plan may be worse.
constexpr double kNever = 1e18;
// Entering JavaScript costs about as much as this many rows.
constexpr double kCall = 50;

}  // namespace

std::string WritePlan(const ScriptTable& table, const Plan& plan) {
  char head[40];
  std::snprintf(head, sizeof head, " #%llx %d %d", static_cast<unsigned long long>(plan.used),
                plan.limit ? 1 : 0, plan.missing ? 1 : 0);
  std::string text = Words(table, plan) + head;
  for (const PlanItem& item : plan.items) {
    text += ' ' + std::to_string(item.column) + ' ' + std::to_string(static_cast<int>(item.op)) +
            (item.in ? " 1" : " 0");
  }
  return text;
}

Plan ReadPlan(const char* text) {
  Plan plan;
  char* at = nullptr;
  const char* numbers = std::strrchr(text, '#');
  if (numbers == nullptr) return plan;
  plan.used = std::strtoull(numbers + 1, &at, 16);
  plan.limit = std::strtol(at, &at, 10) != 0;
  plan.missing = std::strtol(at, &at, 10) != 0;
  while (*at == ' ') {
    const int column = static_cast<int>(std::strtol(at, &at, 10));
    const auto op = static_cast<Operator>(std::strtol(at, &at, 10));
    plan.items.push_back({column, op, std::strtol(at, &at, 10) != 0});
  }
  return plan;
}

int ChoosePlan(const ScriptTable& table, sqlite3_index_info* info) {
  Plan plan;
  plan.used = UsedColumns(table, info->colUsed);
  int arguments = 0;
  int limit = -1;
  bool others = false;    // constraints that SQLite has to check
  bool unusable = false;  // a required column's value is not known yet in this join order
  bool satisfied = table.required.empty();
  double rows = static_cast<double>(table.rows);
  double cost = kCall + rows;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.op == SQLITE_INDEX_CONSTRAINT_LIMIT) limit = i;
    if (constraint.op == SQLITE_INDEX_CONSTRAINT_LIMIT ||
        constraint.op == SQLITE_INDEX_CONSTRAINT_OFFSET) {
      others = others || constraint.op == SQLITE_INDEX_CONSTRAINT_OFFSET;
      continue;
    }
    others = true;
    const auto op = OperatorOf(constraint.op);
    if (!op || constraint.iColumn < 0) continue;
    const ScriptColumn& asked = table.columns[constraint.iColumn];
    const ScriptColumn& column = table.columns[asked.real];
    if ((column.operators >> static_cast<int>(*op) & 1) == 0) continue;
    if (!constraint.usable) {
      unusable = unusable || column.required;
      continue;
    }
    const bool in = *op == Operator::kEqual && sqlite3_vtab_in(info, i, -1) != 0;
    if (in) sqlite3_vtab_in(info, i, 1);
    info->aConstraintUsage[i].argvIndex = ++arguments;
    plan.items.push_back({asked.real, *op, in});
    satisfied = satisfied || column.required;
    if (*op == Operator::kEqual && (column.index || column.required)) {
      rows = std::min(rows, in ? 20.0 : 2.0);
      cost = std::min(cost, kCall + rows);
    } else {
      rows = std::max(2.0, rows / 4);
      cost = std::min(cost, kCall + rows * 2);
    }
  }
  if (!satisfied) {
    if (unusable) return SQLITE_CONSTRAINT;
    plan.missing = true;
    cost = kNever;
  }
  // A limit says how many rows are wanted only when nobody else leaves rows out or sorts them.
  if (limit >= 0 && !others && info->nOrderBy == 0 && info->aConstraint[limit].usable) {
    info->aConstraintUsage[limit].argvIndex = ++arguments;
    plan.limit = true;
  }
  info->estimatedCost = cost;
  info->estimatedRows = static_cast<sqlite3_int64>(rows);
  info->idxStr = sqlite3_mprintf("%s", WritePlan(table, plan).c_str());
  info->needToFreeIdxStr = 1;
  return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

}  // namespace weir::tables
