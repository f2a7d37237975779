// Where osquery's mathematics are not SQLite's: log is the natural logarithm, ceil and floor give
// integers, and there is a cotangent.
#include <cmath>

#include "functions/functions.h"
#include "functions/sql_function.h"

namespace weir::functions {

namespace {

// Outside of what a function is defined for the result is NULL, as in SQLite's own.
void ResultNumber(sqlite3_context* context, double number) {
  if (std::isfinite(number)) sqlite3_result_double(context, number);
}

void Log(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!AnyNull(count, values)) ResultNumber(context, std::log(sqlite3_value_double(values[0])));
}

void Cot(sqlite3_context* context, int count, sqlite3_value** values) {
  if (AnyNull(count, values)) return;
  ResultNumber(context, 1.0 / std::tan(sqlite3_value_double(values[0])));
}

// What no integer can hold stays a REAL.
void Whole(sqlite3_context* context, sqlite3_value* value, double (*round)(double)) {
  if (sqlite3_value_type(value) == SQLITE_INTEGER) {
    sqlite3_result_value(context, value);
    return;
  }
  constexpr double kBound = 9223372036854775808.0;  // 2^63
  const double whole = round(sqlite3_value_double(value));
  if (whole >= -kBound && whole < kBound) {
    sqlite3_result_int64(context, static_cast<sqlite3_int64>(whole));
  } else {
    sqlite3_result_double(context, whole);
  }
}

void Ceil(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!AnyNull(count, values)) Whole(context, values[0], std::ceil);
}

void Floor(sqlite3_context* context, int count, sqlite3_value** values) {
  if (!AnyNull(count, values)) Whole(context, values[0], std::floor);
}

}  // namespace

int RegisterMath(sqlite3* db) {
  return Register(db,
                  std::initializer_list<Definition>{
                      {"log", 1, Log}, {"cot", 1, Cot}, {"ceil", 1, Ceil}, {"floor", 1, Floor}});
}

}  // namespace weir::functions
