#pragma once

#include <string_view>

namespace weir {

// Well-formed as Unicode says (table 3-7): no overlong forms, no surrogates, nothing above
// U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace weir
