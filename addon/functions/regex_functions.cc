// regex_match, regex_split, and regexp, which is what the operator REGEXP calls.
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "functions/functions.h"
#include "functions/pattern.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

using PatternPtr = std::shared_ptr<const Pattern>;

// The patterns that a connection compiled last, for those that are not constants of a statement.
class PatternCache {
 public:
  // nullptr: `error` says why.
  PatternPtr Get(std::string_view text, std::string* error) {
    for (const Entry& entry : entries_) {
      if (entry.text == text) return entry.pattern;
    }
    PatternPtr made = Pattern::Compile(text, error);
    if (!made) return nullptr;
    if (entries_.size() == kMost) entries_.pop_back();
    entries_.push_front({std::string(text), made});
    return made;
  }

 private:
  static constexpr size_t kMost = 4;
  struct Entry {
    std::string text;
    PatternPtr pattern;
  };
  std::deque<Entry> entries_;
};

using CachePtr = std::shared_ptr<PatternCache>;

// The pattern in an argument, compiled once for a statement when it is a constant there. nullptr:
// the result is an error.
PatternPtr PatternOf(sqlite3_context* context, sqlite3_value** values, int argument) {
  if (const auto* kept = static_cast<PatternPtr*>(sqlite3_get_auxdata(context, argument))) {
    return *kept;
  }
  const CachePtr& cache = *static_cast<CachePtr*>(sqlite3_user_data(context));
  std::string error;
  PatternPtr pattern = cache->Get(TextOf(values[argument]), &error);
  if (!pattern) {
    ResultError(context, error);
    return nullptr;
  }
  sqlite3_set_auxdata(context, argument, new PatternPtr(pattern),
                      [](void* kept) { delete static_cast<PatternPtr*>(kept); });
  return pattern;
}

void Regexp(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const PatternPtr pattern = PatternOf(context, values, 0);
  if (pattern) sqlite3_result_int(context, pattern->Matches(TextOf(values[1])) ? 1 : 0);
}

void RegexMatch(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const PatternPtr pattern = PatternOf(context, values, 1);
  if (!pattern) return;
  const std::string_view text = TextOf(values[0]);
  // Most rows do not match, which is quicker to tell than where a match begins.
  if (!pattern->Matches(text)) return;
  std::vector<std::string_view> groups;
  const sqlite3_int64 index = sqlite3_value_int64(values[2]);
  if (!pattern->Find(text, 0, &groups)) return;
  if (index < 0 || index >= static_cast<sqlite3_int64>(groups.size())) return;
  const std::string_view found = groups[static_cast<size_t>(index)];
  ResultText(context, found.data() ? found : std::string_view(""));
}

void RegexSplit(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  if (TextOf(values[1]).empty()) {
    ResultError(context, "regex_split: the pattern is empty");
    return;
  }
  const PatternPtr pattern = PatternOf(context, values, 1);
  if (!pattern) return;
  const std::string_view text = TextOf(values[0]);
  sqlite3_int64 left = sqlite3_value_int64(values[2]);
  if (left < 0) return;
  size_t begin = 0;
  std::vector<std::string_view> groups;
  for (size_t from = 0; from <= text.size() && pattern->Find(text, from, &groups);) {
    const size_t at = static_cast<size_t>(groups[0].data() - text.data());
    if (left-- == 0) {
      ResultText(context, text.substr(begin, at - begin));
      return;
    }
    begin = at + groups[0].size();
    from = groups[0].empty() ? Pattern::Step(text, at) : begin;
  }
  // Behind the last match there is a part only if it is not empty; a text without one is a part.
  const bool whole = begin == 0 && groups.empty();
  if (left == 0 && (whole || begin < text.size())) ResultText(context, text.substr(begin));
}

}  // namespace

int RegisterRegex(sqlite3* db) {
  constexpr Definition kDefinitions[] = {
      {"regexp", 2, Regexp},
      {"regex_match", 3, RegexMatch},
      {"regex_split", 3, RegexSplit},
  };
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const auto cache = std::make_shared<PatternCache>();
  for (const Definition& one : kDefinitions) {
    const int rc = sqlite3_create_function_v2(
        db, one.name, one.arguments, kFlags, new CachePtr(cache), one.function, nullptr, nullptr,
        [](void* held) { delete static_cast<CachePtr*>(held); });
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}

}  // namespace weir::functions
