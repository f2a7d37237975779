// Plans as text: `path = ? and time >= ?, by time, newest first`.
#include "store/plan_words.h"

#include <algorithm>

namespace weir::store {

using schema::TableSpec;

namespace {

constexpr std::string_view kAnd = " and ";
constexpr std::string_view kComma = ", ";
constexpr std::string_view kValue = " ?";
constexpr std::string_view kBy = "by ";
constexpr std::string_view kGrouped = "grouped by ";
constexpr std::string_view kDistinct = "distinct ";
constexpr std::string_view kNewest = "newest first";
constexpr std::string_view kOldest = "oldest first";

constexpr struct {
  Op op;
  std::string_view name;
} kNames[] = {
    {Op::kEq, "="},           {Op::kNe, "<>"},
    {Op::kLt, "<"},           {Op::kLe, "<="},
    {Op::kGt, ">"},           {Op::kGe, ">="},
    {Op::kIn, "in"},          {Op::kLike, "like"},
    {Op::kGlob, "glob"},      {Op::kRegexp, "regexp"},
    {Op::kIs, "is"},          {Op::kIsNot, "is not"},
    {Op::kIsNull, "is null"}, {Op::kNotNull, "is not null"},
};

int ColumnNamed(const TableSpec& table, std::string_view name) {
  for (int c = 0; c < table.count; ++c) {
    if (name == table.columns[c].name) return c;
  }
  return 0;
}

// The first part of `words`, which loses it and the separator.
std::string_view Cut(std::string_view* words, std::string_view separator) {
  const size_t end = words->find(separator);
  const std::string_view part = words->substr(0, end);
  words->remove_prefix(end == std::string_view::npos ? words->size() : end + separator.size());
  return part;
}

PlanTerm ParseTerm(const TableSpec& table, std::string_view words) {
  PlanTerm term;
  term.column = ColumnNamed(table, Cut(&words, " "));
  if (words.ends_with(kValue)) words.remove_suffix(kValue.size());
  for (const auto& [op, name] : kNames) {
    if (name == words) term.op = op;
  }
  return term;
}

}  // namespace

std::string PlanWords(const TableSpec& table, const Plan& plan) {
  std::string words;
  for (const PlanTerm& term : plan.terms) {
    if (!words.empty()) words += kAnd;
    words.append(table.columns[term.column].name).append(" ");
    for (const auto& [op, name] : kNames) {
      if (op == term.op) words += name;
    }
    if (term.op != Op::kIsNull && term.op != Op::kNotNull) words += kValue;
  }
  if (!words.empty()) words += kComma;
  const char* column = plan.column < 0 ? "" : table.columns[plan.column].name;
  if (plan.walk == Walk::kGrouped) return words.append(kGrouped).append(column);
  if (plan.walk == Walk::kDistinct) return words.append(kDistinct).append(column);
  if (plan.walk == Walk::kTime) words.append(kBy).append(column).append(kComma);
  return words.append(plan.newest_first ? kNewest : kOldest);
}

Plan ParsePlan(const TableSpec& table, const char* text) {
  Plan plan;
  std::string_view words(text);
  const auto walk = [&](std::string_view part, std::string_view prefix, Walk kind) {
    if (!part.starts_with(prefix)) return false;
    plan.walk = kind;
    plan.column = ColumnNamed(table, part.substr(prefix.size()));
    return true;
  };
  while (!words.empty()) {
    std::string_view part = Cut(&words, kComma);
    if (part == kNewest || part == kOldest) {
      plan.newest_first = part == kNewest;
    } else if (!walk(part, kBy, Walk::kTime) && !walk(part, kGrouped, Walk::kGrouped) &&
               !walk(part, kDistinct, Walk::kDistinct)) {
      while (!part.empty()) plan.terms.push_back(ParseTerm(table, Cut(&part, kAnd)));
    }
  }
  plan.exact = ExactTerm(table, plan.terms);
  return plan;
}

}  // namespace weir::store
