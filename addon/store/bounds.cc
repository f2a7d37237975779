#include "store/bounds.h"

#include <cmath>

namespace weir::store {

namespace {

constexpr int kEidDigits = 20;
constexpr int64_t kSecond = 1'000'000'000;
constexpr Range kAll{};
constexpr Range kNone{0, -1};

int64_t ClampToInteger(double value) {
  // 2^63 as a double; the largest one below it converts.
  if (value >= 9223372036854775808.0) return INT64_MAX;
  if (value < -9223372036854775808.0) return INT64_MIN;
  return static_cast<int64_t>(value);
}

// x op some y with low <= y <= high.
Range Between(Op op, int64_t low, int64_t high) {
  switch (op) {
    case Op::kEq:
    case Op::kIn:
    case Op::kIs:
      return {low, high};
    case Op::kLt:
    case Op::kLe:
      return {INT64_MIN, high};
    case Op::kGt:
    case Op::kGe:
      return {low, INT64_MAX};
    default:
      return kAll;
  }
}

}  // namespace

Range IntegerBounds(Op op, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return kNone;
  if (type == SQLITE_TEXT) {
    // On a copy: the conversion changes the value, which SQLite still compares with.
    sqlite3_value* copy = sqlite3_value_dup(value);
    if (!copy) return kAll;
    const bool number = sqlite3_value_numeric_type(copy) != SQLITE_TEXT;
    const Range range = number ? IntegerBounds(op, copy) : kAll;
    sqlite3_value_free(copy);
    return range;
  }
  switch (type) {
    case SQLITE_INTEGER: {
      const int64_t exact = sqlite3_value_int64(value);
      if (op == Op::kLt) return exact == INT64_MIN ? kNone : Range{INT64_MIN, exact - 1};
      if (op == Op::kGt) return exact == INT64_MAX ? kNone : Range{exact + 1, INT64_MAX};
      return Between(op, exact, exact);
    }
    case SQLITE_FLOAT: {
      const double real = sqlite3_value_double(value);
      if (std::isnan(real)) return kAll;
      return Between(op, ClampToInteger(std::floor(real)), ClampToInteger(std::ceil(real)));
    }
    default:
      return kAll;  // other text and blobs order after every number; SQLite knows best
  }
}

std::optional<int64_t> ExactInteger(sqlite3_value* value) {
  // Beyond this a double may stand for several integers.
  constexpr double kExact = 9007199254740992.0;
  sqlite3_value* copy = sqlite3_value_dup(value);
  if (!copy) return std::nullopt;
  std::optional<int64_t> exact;
  const int type = sqlite3_value_numeric_type(copy);
  if (type == SQLITE_INTEGER) exact = sqlite3_value_int64(copy);
  if (type == SQLITE_FLOAT) {
    const double real = sqlite3_value_double(copy);
    if (real > -kExact && real < kExact && real == std::floor(real)) {
      exact = static_cast<int64_t>(real);
    }
  }
  sqlite3_value_free(copy);
  return exact;
}

bool EqualInteger(sqlite3_value* value, std::optional<int64_t>* equal) {
  *equal = std::nullopt;
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      *equal = sqlite3_value_int64(value);
      break;
    case SQLITE_FLOAT: {
      const double real = sqlite3_value_double(value);
      const bool fits = real >= -9223372036854775808.0 && real < 9223372036854775808.0;
      if (fits && real == std::floor(real)) *equal = static_cast<int64_t>(real);
      break;
    }
    case SQLITE_TEXT: {
      // On a copy, as above. The column's affinity makes a number of text that looks like one.
      sqlite3_value* copy = sqlite3_value_dup(value);
      if (!copy) return false;
      const bool number = sqlite3_value_numeric_type(copy) != SQLITE_TEXT;
      const bool done = !number || EqualInteger(copy, equal);
      sqlite3_value_free(copy);
      return done;
    }
    default:
      break;  // NULL equals nothing, and no blob is a number
  }
  return true;
}

Range EidBounds(Op op, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  if (type == SQLITE_NULL) return kNone;
  if (type != SQLITE_TEXT) return kAll;
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  const std::string_view digits{text ? text : "", static_cast<size_t>(sqlite3_value_bytes(value))};
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return kAll;
  }
  // The smallest 20-digit text that is not before a shorter one; the beginning of a longer one.
  uint64_t number = 0;
  for (int i = 0; i < kEidDigits; ++i) {
    const uint64_t digit = i < static_cast<int>(digits.size()) ? digits[i] - '0' : 0;
    if (number > (static_cast<uint64_t>(INT64_MAX) - digit) / 10) {
      return Between(op, INT64_MAX, INT64_MAX);
    }
    number = number * 10 + digit;
  }
  const auto seq = static_cast<int64_t>(number);
  return Between(op, seq, seq);
}

Range SecondsToNanoseconds(const Range& seconds) {
  if (seconds.empty()) return kNone;
  Range range;
  if (seconds.low > INT64_MAX / kSecond) return kNone;
  if (seconds.low > INT64_MIN / kSecond) range.low = seconds.low * kSecond;
  if (seconds.high < INT64_MIN / kSecond - 1) return kNone;
  if (seconds.high < INT64_MAX / kSecond) {
    range.high = seconds.high >= INT64_MIN / kSecond ? seconds.high * kSecond + (kSecond - 1)
                                                     : INT64_MIN + kSecond;
  }
  return range;
}

}  // namespace weir::store
