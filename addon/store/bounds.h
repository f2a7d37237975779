// SQL values as bounds on stored integers, rounded outward: SQLite applies no affinity to values
// that it pushes down (pid = '1005', pid < 1005.5), and checks every row again afterwards. So a
// range may be too wide, never too narrow.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/sqlite.h"

namespace weir::store {

struct Range {
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
  bool operator==(const Range&) const = default;
  bool empty() const { return low > high; }
  void Intersect(const Range& other) {
    if (other.low > low) low = other.low;
    if (other.high < high) high = other.high;
  }
};

enum class Op {
  kEq,
  kNe,
  kLt,
  kLe,
  kGt,
  kGe,
  kIn,
  kLike,
  kGlob,
  kRegexp,
  kIs,
  kIsNot,
  kIsNull,
  kNotNull
};

// Values x for which `x op value` may hold, when x is an integer.
Range IntegerBounds(Op op, sqlite3_value* value);
// The integer that is the only one equal to the value, if there is one.
std::optional<int64_t> ExactInteger(sqlite3_value* value);
// The only integer that an integer column's `=` finds equal to the value; nullopt: none is. False:
// out of memory.
bool EqualInteger(sqlite3_value* value, std::optional<int64_t>* equal);
// The same as IntegerBounds for seq, when x is its 20-digit text.
Range EidBounds(Op op, sqlite3_value* value);
// Nanoseconds whose whole seconds lie in the range.
Range SecondsToNanoseconds(const Range& seconds);

}  // namespace weir::store
