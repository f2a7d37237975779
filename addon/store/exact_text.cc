#include "store/exact_text.h"

namespace weir::store {

namespace {

// Well-formed as Unicode says (table 3-7): no overlong forms, no surrogates, nothing above
// U+10FFFF.
bool IsUtf8(const unsigned char* at, const unsigned char* end) {
  while (at < end) {
    const unsigned char lead = *at++;
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (end - at < more) return false;
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[0] < low || at[0] > high) return false;
    for (int i = 1; i < more; ++i) {
      if ((at[i] & 0xc0) != 0x80) return false;
    }
    at += more;
  }
  return true;
}

void ExactText(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_value* value = values[0];
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    const unsigned char* text = sqlite3_value_text(value);
    const int size = sqlite3_value_bytes(value);
    if (text && !IsUtf8(text, text + size)) {
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
