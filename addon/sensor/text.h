// Values of records as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// 16 bytes that hold ::ffff:a.b.c.d
bool IsMappedIpv4(const uint8_t* address);
// Canonical text (RFC 5952 for IPv6) of an address in network order. `family` is AF_INET or
// AF_INET6; a mapped address is shown as IPv4. Empty for other families.
std::string AddressText(uint16_t family, const uint8_t* address);
// Unix socket name; @ stands for each NUL of an abstract one, as in /proc/net/unix.
std::string UnixName(std::string_view name);
// Arguments, each ended by NUL, joined with one space. Bytes stay as they are.
std::string JoinArguments(std::string_view area);
// The same as a JSON array. Bytes that are not UTF-8 become U+FFFD, one for each maximal broken
// sequence: JSON cannot carry them, and an escape would be indistinguishable from real text.
std::string JsonArguments(std::string_view area);
// `path` as seen from `directory`, unless it is absolute already.
std::string Absolute(std::string_view directory, std::string_view path);

}  // namespace weir
