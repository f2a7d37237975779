#include "sensor/text.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>

namespace weir {

namespace {

// Length of the well-formed UTF-8 sequence at `at`; 0 when it is broken, then `skip` tells how many
// bytes make up the broken piece (Unicode's "maximal subpart" practice).
size_t Utf8Sequence(std::string_view text, size_t at, size_t* skip) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(at);
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) length = 2;
  if (lead >= 0xe0 && lead <= 0xef) length = 3;
  if (lead >= 0xf0 && lead <= 0xf4) length = 4;
  if (lead == 0xe0) low = 0xa0;   // overlong
  if (lead == 0xed) high = 0x9f;  // surrogates
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  *skip = 1;
  if (length == 0) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) {
      *skip = i;
      return 0;
    }
    low = 0x80;
    high = 0xbf;
  }
  return length;
}

void AppendJson(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c >= 0x80) {
      size_t skip = 0;
      if (const size_t length = Utf8Sequence(text, i, &skip)) {
        out.append(text.substr(i, length));
        i += length;
      } else {
        out.append("\xef\xbf\xbd");
        i += skip;
      }
      continue;
    }
    ++i;
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < 0x20 || c == 0x7f) {
      out.append("\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  out.push_back('"');
}

// The area ends in the last argument's NUL, unless it was cut.
std::string_view WithoutLastNul(std::string_view area) {
  if (!area.empty() && area.back() == '\0') area.remove_suffix(1);
  return area;
}

}  // namespace

bool IsMappedIpv4(const uint8_t* address) {
  static constexpr uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return memcmp(address, kPrefix, sizeof kPrefix) == 0;
}

std::string AddressText(uint16_t family, const uint8_t* address) {
  if (family != AF_INET && family != AF_INET6) return {};
  if (family == AF_INET6 && IsMappedIpv4(address)) return AddressText(AF_INET, address + 12);
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, text, sizeof text) != nullptr ? text : "";
}

std::string UnixName(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] == '\0') {
    for (char& c : text) {
      if (c == '\0') c = '@';
    }
  }
  return text;
}

std::string JoinArguments(std::string_view area) {
  std::string text(WithoutLastNul(area));
  for (char* c = text.data();
       (c = static_cast<char*>(memchr(c, '\0', text.data() + text.size() - c))) != nullptr;) {
    *c++ = ' ';
  }
  return text;
}

std::string JsonArguments(std::string_view area) {
  std::string out = "[";
  if (!area.empty()) {
    area = WithoutLastNul(area);
    for (size_t from = 0;;) {
      const size_t to = area.find('\0', from);
      if (from > 0) out.push_back(',');
      AppendJson(out, area.substr(from, to == std::string_view::npos ? to : to - from));
      if (to == std::string_view::npos) break;
      from = to + 1;
    }
  }
  out.push_back(']');
  return out;
}

std::string Absolute(std::string_view directory, std::string_view path) {
  if (path.empty() || path[0] == '/' || directory.empty()) return std::string(path);
  while (path.starts_with("./")) {
    path.remove_prefix(2);
    while (!path.empty() && path[0] == '/') path.remove_prefix(1);
  }
  std::string joined(directory);
  if (joined.back() != '/') joined.push_back('/');
  return joined.append(path);
}

}  // namespace weir
