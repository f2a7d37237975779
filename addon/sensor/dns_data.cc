#include "sensor/dns_data.h"

#include <sys/socket.h>

#include "sensor/dns_message.h"
#include "sensor/dns_reader.h"
#include "sensor/text.h"

namespace weir {

namespace {

constexpr uint16_t kA = 1, kNs = 2, kCname = 5, kSoa = 6, kPtr = 12, kMx = 15, kTxt = 16;
constexpr uint16_t kAaaa = 28, kSrv = 33, kDname = 39, kSvcb = 64, kHttps = 65, kCaa = 257;

std::string Unknown(std::string_view data) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "\\# " + std::to_string(data.size());
  if (!data.empty()) text.push_back(' ');
  for (const char c : data.substr(0, kDnsDataMax / 2 - 16)) {
    text.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return text;
}

// Reads numbers and names in the order in which a type has them, with spaces between.
class DataReader {
 public:
  DataReader(std::string_view message, size_t begin, size_t end)
      : reader_(message.substr(0, end), begin), end_(end) {}

  DataReader& U8() {
    uint8_t value = 0;
    good_ = good_ && reader_.U8(&value);
    return Add(std::to_string(value));
  }
  DataReader& U16() {
    uint16_t value = 0;
    good_ = good_ && reader_.U16(&value);
    return Add(std::to_string(value));
  }
  DataReader& U32() {
    uint32_t value = 0;
    good_ = good_ && reader_.U32(&value);
    return Add(std::to_string(value));
  }
  DataReader& Name() {
    std::string name;
    good_ = good_ && reader_.Name(&name);
    return Add(name);
  }
  // A string with its length in front.
  DataReader& String(bool quoted) {
    uint8_t length = 0;
    good_ = good_ && reader_.U8(&length);
    const size_t at = reader_.at();
    good_ = good_ && reader_.Skip(length);
    return good_ ? AddText(reader_.bytes().substr(at, length), quoted) : *this;
  }
  DataReader& Rest(bool quoted) {
    return good_ ? AddText(reader_.bytes().substr(reader_.at()), quoted) : *this;
  }
  // What follows, in hexadecimal; nothing when nothing does.
  DataReader& RestUnknown() {
    if (good_ && reader_.at() < end_) Add(Unknown(reader_.bytes().substr(reader_.at())));
    return *this;
  }

  bool good() const { return good_ && reader_.at() <= end_; }
  bool done() const { return !good_ || reader_.at() >= end_; }
  std::string& text() { return text_; }

 private:
  DataReader& Add(std::string_view word) {
    if (!text_.empty()) text_.push_back(' ');
    text_.append(word);
    return *this;
  }
  DataReader& AddText(std::string_view bytes, bool quoted) {
    if (!text_.empty()) text_.push_back(' ');
    if (quoted) text_.push_back('"');
    AppendZoneText(&text_, bytes, "\"");
    if (quoted) text_.push_back('"');
    return *this;
  }

  DnsReader reader_;
  const size_t end_;
  bool good_ = true;
  std::string text_;
};

bool ReadStrings(DataReader& data) {
  while (!data.done() && data.text().size() <= kDnsDataMax) data.String(true);
  return data.good();
}

bool Read(uint16_t type, DataReader& data) {
  switch (type) {
    case kNs:
    case kCname:
    case kPtr:
    case kDname:
      return data.Name().good();
    case kMx:
      return data.U16().Name().good();
    case kSrv:
      return data.U16().U16().U16().Name().good();
    case kSoa:
      return data.Name().Name().U32().U32().U32().U32().U32().good();
    case kTxt:
      return ReadStrings(data);
    case kCaa:
      return data.U8().String(false).Rest(true).good();
    case kSvcb:
    case kHttps:
      // Its parameters (RFC 9460, 2.2) in hexadecimal.
      return data.U16().Name().RestUnknown().good();
    default:
      return false;
  }
}

}  // namespace

std::string DnsDataText(std::string_view message, uint16_t type, size_t begin, size_t end) {
  const std::string_view bytes = message.substr(begin, end - begin);
  const auto* address = reinterpret_cast<const uint8_t*>(bytes.data());
  if (type == kA && bytes.size() == 4) return AddressText(AF_INET, address);
  if (type == kAaaa && bytes.size() == 16) return AddressText(AF_INET6, address);
  DataReader data(message, begin, end);
  std::string text = Read(type, data) ? std::move(data.text()) : Unknown(bytes);
  if (text.size() > kDnsDataMax) text.resize(kDnsDataMax);
  return text;
}

}  // namespace weir
