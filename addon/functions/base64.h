#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

// RFC 4648, section 4, padded.
std::string EncodeBase64(std::string_view bytes);
// Newlines are passed over, padding may be missing. nullopt: something else is in it.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace weir
