// to_base64, from_base64, conditional_to_base64.
#include <algorithm>

#include "functions/base64.h"
#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void ToBase64(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!AnyNull(count, values)) ResultText(context, EncodeBase64(TextOf(values[0])));
}

// What is printable ASCII stays as it is.
void ConditionalToBase64(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  const std::string_view text = TextOf(values[0]);
  ResultText(context, IsPrintable(text) ? std::string(text) : EncodeBase64(text));
}

// Empty for what is not base64, as in osquery.
void FromBase64(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  ResultText(context, DecodeBase64(TextOf(values[0])).value_or(""));
}

}  // namespace

int RegisterEncoding(sqlite3* db) {
  return Register(db, std::initializer_list<Definition>{
                          {"to_base64", 1, ToBase64},
                          {"conditional_to_base64", 1, ConditionalToBase64},
                          {"from_base64", 1, FromBase64},
                      });
}

}  // namespace weir::functions
