// version_compare and the collations version, version_arch, version_dpkg, version_rhel.
#include <algorithm>
#include <string>

#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

struct Rules {
  bool epoch = false;             // an epoch before ':' beats none, a longer one a shorter one
  bool separators = false;        // where two differ, their ranks decide
  bool rest = false;              // ~ - ^ decide where one version ends earlier
  bool digits_by_length = false;  // of `rest`: after a digit the longer version is greater
};

constexpr Rules kPlain{};
constexpr Rules kArch{true, false, true, true};
constexpr Rules kDpkg{true, true, false, false};
constexpr Rules kRhel{true, true, true, false};

// 0: part of a segment.
int Rank(char c) {
  constexpr std::string_view kSeparators = "~-^.:";
  const size_t at = kSeparators.find(c);
  return at == std::string_view::npos ? 0 : static_cast<int>(at) + 1;
}

int Sign(int64_t number) { return number < 0 ? -1 : number > 0 ? 1 : 0; }

int CompareEpochs(std::string_view a, std::string_view b) {
  const auto length = [](std::string_view version) -> int64_t {
    const size_t colon = version.find(':');
    return colon == std::string_view::npos ? -1 : static_cast<int64_t>(colon);
  };
  return Sign(length(a) - length(b));
}

// The longer of two versions against the shorter, which it begins like, but for `difference`, the
// first in the last segment that both have. Positive: the longer is greater.
int CompareRest(std::string_view longer, std::string_view shorter, int difference, Rules rules) {
  if (rules.rest) {
    switch (longer[shorter.size()]) {
      case '~':
        return -1;
      case '-':
        return 0;
      case '^':
        return 1;
    }
    const char last = shorter.back();
    const bool digit = last >= '0' && last <= '9';
    if (difference != 0 && !(rules.digits_by_length && digit)) return difference;
  }
  return 1;
}

// Segment for segment by the bytes in them, a longer segment being greater.
int CompareVersions(std::string_view a, std::string_view b, Rules rules) {
  if (a == b) return 0;
  if (a.empty() || b.empty()) return a.empty() ? -1 : 1;
  if (rules.epoch) {
    const int epochs = CompareEpochs(a, b);
    if (epochs != 0) return epochs;
  }
  int difference = 0;
  const size_t shorter = std::min(a.size(), b.size());
  for (size_t i = 0; i < shorter; ++i) {
    const int left = Rank(a[i]), right = Rank(b[i]);
    if (left == 0 && right == 0) {
      if (difference == 0) difference = Sign(int{a[i]} - int{b[i]});
      continue;
    }
    if (left == 0 || right == 0) return left == 0 ? 1 : -1;
    if (difference != 0) return difference;
    if (rules.separators && left != right) return Sign(left - right);
  }
  if (a.size() == b.size()) return difference;
  return a.size() > b.size() ? CompareRest(a, b, difference, rules)
                             : -CompareRest(b, a, -difference, rules);
}

// Whether `op` holds for the order of two values. False: it is no operator.
bool Holds(std::string_view op, int order, bool* holds) {
  if (op == "<" || op == "<=" || op == "=" || op == ">=" || op == ">") {
    const char wanted = order < 0 ? '<' : order > 0 ? '>' : '=';
    *holds = op.find(wanted) != std::string_view::npos;
    return true;
  }
  return false;
}

// version_compare(version, operator, version [, epoch [, separators [, rest [, digits]]]])
void VersionCompare(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count < 3 || count > 7) {
    ResultError(context, "version_compare takes a version, an operator, a version, and 4 options");
    return;
  }
  bool options[4] = {};
  for (int i = 3; i < count; ++i) options[i - 3] = sqlite3_value_int(values[i]) != 0;
  if (AnyNull(3, values)) return;
  const Rules rules{options[0], options[1], options[2], options[3]};
  bool holds;
  const int order = CompareVersions(TextOf(values[0]), TextOf(values[2]), rules);
  if (Holds(TextOf(values[1]), order, &holds)) return sqlite3_result_int(context, holds ? 1 : 0);
  ResultError(context, "version_compare: the operator must be one of <, <=, =, >=, >");
}

template <const Rules& rules>
int Collate(void*, int left_size, const void* left, int right_size, const void* right) {
  return CompareVersions({static_cast<const char*>(left), static_cast<size_t>(left_size)},
                         {static_cast<const char*>(right), static_cast<size_t>(right_size)}, rules);
}

}  // namespace

int RegisterVersion(sqlite3* db) {
  int rc = Register(db, std::initializer_list<Definition>{{"version_compare", -1, VersionCompare}});
  constexpr struct {
    const char* name;
    int (*collate)(void*, int, const void*, int, const void*);
  } kCollations[] = {
      {"version", Collate<kPlain>},
      {"version_arch", Collate<kArch>},
      {"version_dpkg", Collate<kDpkg>},
      {"version_rhel", Collate<kRhel>},
  };
  for (const auto& [name, collate] : kCollations) {
    if (rc == SQLITE_OK) rc = sqlite3_create_collation(db, name, SQLITE_UTF8, nullptr, collate);
  }
  return rc;
}

}  // namespace weir::functions
