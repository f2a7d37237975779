// One line of an export: a JSON object whose values are scalars, or {"hex": "..."}.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::capture {

struct Field {
  enum class Type : uint8_t { kNull, kText, kHex, kInteger, kOther };
  std::string_view key;
  Type type = Type::kNull;
  std::string_view text;  // of kText; digits of kHex
  int64_t integer = 0;    // of kInteger; at most 2^53 - 1 either way
};

// nullptr, or what is wrong with the line. Keys and texts lie in the line, which is changed: it
// must be followed by a NUL byte, and live as long as they are looked at.
const char* ParseFields(char* line, size_t size, std::vector<Field>* fields);

}  // namespace weir::capture
