#include "sensor/dns_reader.h"

namespace weir {

namespace {

// RFC 1035, 2.3.4: with lengths of labels and the root's.
constexpr size_t kNameMax = 255;
constexpr uint8_t kPointer = 0xc0;

uint8_t Byte(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

}  // namespace

bool DnsReader::U8(uint8_t* value) {
  if (at_ >= bytes_.size()) return false;
  *value = Byte(bytes_, at_++);
  return true;
}

bool DnsReader::U16(uint16_t* value) {
  if (at_ > bytes_.size() || bytes_.size() - at_ < 2) return false;
  *value = static_cast<uint16_t>(Byte(bytes_, at_) << 8 | Byte(bytes_, at_ + 1));
  at_ += 2;
  return true;
}

bool DnsReader::U32(uint32_t* value) {
  uint16_t high = 0;
  uint16_t low = 0;
  if (!U16(&high) || !U16(&low)) return false;
  *value = static_cast<uint32_t>(high) << 16 | low;
  return true;
}

bool DnsReader::Skip(size_t size) {
  if (at_ > bytes_.size() || bytes_.size() - at_ < size) return false;
  at_ += size;
  return true;
}

// Labels from *at until the root (then *pointer is 0) or a pointer; *at is then behind it.
bool DnsReader::Labels(std::string* name, size_t* at, size_t* pointer) {
  *pointer = 0;
  for (;;) {
    if (*at >= bytes_.size()) return false;
    const uint8_t length = Byte(bytes_, (*at)++);
    if (length == 0) return true;
    if ((length & kPointer) == kPointer) {
      if (*at >= bytes_.size()) return false;
      *pointer = static_cast<size_t>(length & 0x3f) << 8 | Byte(bytes_, (*at)++);
      return true;
    }
    // The other two kinds of labels were never taken into use.
    if ((length & kPointer) != 0 || bytes_.size() - *at < length) return false;
    if (!name->empty()) name->push_back('.');
    AppendZoneText(name, bytes_.substr(*at, length), ".");
    *at += length;
  }
}

bool DnsReader::Name(std::string* name) {
  name->clear();
  size_t at = at_;
  size_t begin = at_;
  size_t used = 0;
  bool jumped = false;
  for (;;) {
    size_t pointer = 0;
    // As a name of 255 bytes has at most 127 labels, its text stays small though each may be \DDD.
    const size_t before = at;
    if (!Labels(name, &at, &pointer)) return false;
    used += at - before - (pointer == 0 ? 0 : 2);
    if (used > kNameMax) return false;
    if (!jumped) at_ = at;
    if (pointer == 0) break;
    if (pointer >= begin) return false;
    jumped = true;
    begin = at = pointer;
  }
  if (name->empty()) *name = ".";
  return true;
}

void AppendZoneText(std::string* out, std::string_view bytes, std::string_view special) {
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte > 0x7e) {
      out->push_back('\\');
      for (const int unit : {100, 10, 1}) out->push_back(static_cast<char>('0' + byte / unit % 10));
      continue;
    }
    if (c == '\\' || special.find(c) != std::string_view::npos) out->push_back('\\');
    out->push_back(c);
  }
}

}  // namespace weir
