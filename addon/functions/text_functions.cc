// split, concat, concat_ws.
#include <string>

#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// split(text, characters, index): each of the characters separates; parts of no characters do not
// count, and parts are trimmed.
void Split(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::string_view text = TextOf(values[0]), separators = TextOf(values[1]);
  if (separators.empty()) {
    ResultError(context, "split: there is no separator");
    return;
  }
  sqlite3_int64 left = sqlite3_value_int64(values[2]);
  if (left < 0) return;
  for (size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (left-- == 0) {
      const std::string_view part = Trim(text.substr(at, end - at));
      ResultText(context, part.data() ? part : std::string_view(""));
      return;
    }
    at = text.find_first_not_of(separators, end);
  }
}

// Those that are not NULL, one behind the other.
void Join(sqlite3_context* context, std::string_view separator, int count, sqlite3_value** values) {
  std::string joined;
  bool first = true;
  const auto most = static_cast<size_t>(
      sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1));
  for (int i = 0; i < count; ++i) {
    if (IsNull(values[i])) continue;
    const std::string_view part = TextOf(values[i]);
    if (joined.size() + separator.size() + part.size() > most) {
      sqlite3_result_error_toobig(context);
      return;
    }
    if (!first) joined += separator;
    joined += part;
    first = false;
  }
  ResultText(context, joined);
}

void Concat(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count > 0) Join(context, {}, count, values);
}

void ConcatWithSeparator(sqlite3_context* context, int count, sqlite3_value** values) {
  if (count == 0) {
    ResultError(context, "concat_ws: there is no separator");
    return;
  }
  const std::string separator(TextOf(values[0]));
  if (count > 1) Join(context, separator, count - 1, values + 1);
}

}  // namespace

int RegisterText(sqlite3* db) {
  // SQLite's concat and concat_ws, which came with 3.44, take fewer arguments.
  return Register(db, std::initializer_list<Definition>{
                          {"split", 3, Split},
                          {"concat", -1, Concat},
                          {"concat_ws", -1, ConcatWithSeparator},
                      });
}

}  // namespace weir::functions
