#include "store/exact_text.h"

#include "functions/utf8.h"

namespace weir::store {

namespace {

void ExactText(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_value* value = values[0];
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    const int size = sqlite3_value_bytes(value);
    if (text && !IsUtf8({text, static_cast<size_t>(size)})) {
      sqlite3_result_blob(context, text, size, SQLITE_TRANSIENT);
      return;
    }
  }
  sqlite3_result_value(context, value);
}

}  // namespace

int RegisterExactText(sqlite3* db) {
  return sqlite3_create_function(db, "weir_exact_text", 1,
                                 SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                 ExactText, nullptr, nullptr);
}

}  // namespace weir::store
