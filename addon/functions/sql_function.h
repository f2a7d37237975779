// What the SQL functions share: arguments as bytes, results, registration.
#pragma once

#include <string_view>

#include "store/sqlite.h"

namespace weir::functions {

using Function = void (*)(sqlite3_context*, int, sqlite3_value**);

inline bool IsNull(sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; }

// True, and the result is NULL, when one of the arguments is.
inline bool AnyNull(int count, sqlite3_value** values) {
  for (int i = 0; i < count; ++i) {
    if (IsNull(values[i])) return true;  // a result that nobody sets is NULL
  }
  return false;
}

// All bytes of a value as text, NUL bytes too. Empty when memory is short.
inline std::string_view TextOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {text ? text : "", text ? static_cast<size_t>(sqlite3_value_bytes(value)) : 0};
}

inline void ResultText(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

inline void ResultError(sqlite3_context* context, std::string_view message) {
  sqlite3_result_error(context, message.data(), static_cast<int>(message.size()));
}

struct Definition {
  const char* name;
  int arguments;  // -1: any number
  Function function;
};

// Pure functions of their arguments. SQLITE_OK or an error code.
template <typename List>
int Register(sqlite3* db, const List& definitions) {
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const Definition& one : definitions) {
    const int rc = sqlite3_create_function(db, one.name, one.arguments, kFlags, nullptr,
                                           one.function, nullptr, nullptr);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}

}  // namespace weir::functions
