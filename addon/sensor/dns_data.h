// What a DNS record says, as zone files write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// `message`[begin, end) is the data; names in it may point anywhere before. What is broken or of a
// type without a form of its own is written as RFC 3597 has it: \# length hexadecimal. At most
// kDnsDataMax bytes.
std::string DnsDataText(std::string_view message, uint16_t type, size_t begin, size_t end);

}  // namespace weir
