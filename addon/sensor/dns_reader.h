// A cursor over a DNS message; nothing it does reads outside of the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

class DnsReader {
 public:
  explicit DnsReader(std::string_view bytes, size_t at = 0) : bytes_(bytes), at_(at) {}

  std::string_view bytes() const { return bytes_; }
  size_t at() const { return at_; }
  bool U8(uint8_t* value);
  bool U16(uint16_t* value);
  bool U32(uint32_t* value);
  bool Skip(size_t size);
  // A name, compressed or not, as zone files write it. A pointer may only lead to before the name
  // that it stands in, so that no chain of them can go round (RFC 1035, 4.1.4).
  bool Name(std::string* name);

 private:
  bool Labels(std::string* name, size_t* at, size_t* pointer);

  std::string_view bytes_;
  size_t at_;
};

// Appends bytes as zone files write them: what is not printable is \DDD, `special` and \ are
// escaped.
void AppendZoneText(std::string* out, std::string_view bytes, std::string_view special);

}  // namespace weir
