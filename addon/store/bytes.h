// Little-endian bytes, out and in. The reader never leaves its range: a read beyond the end gives
// zeros and clears ok().
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::store {

class ByteWriter {
 public:
  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U32(uint32_t value) { Raw(&value, 4); }
  void I64(int64_t value) { Raw(&value, 8); }
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) U8(static_cast<uint8_t>(value | 0x80));
    U8(static_cast<uint8_t>(value));
  }
  void Text(std::string_view text) {
    Varint(text.size());
    out_.append(text);
  }
  void Raw(const void* data, size_t size) { out_.append(static_cast<const char*>(data), size); }
  std::string& out() { return out_; }

 private:
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  size_t left() const { return in_.size(); }
  uint8_t U8() {
    const std::string_view raw = Raw(1);
    return raw.empty() ? 0 : static_cast<uint8_t>(raw[0]);
  }
  uint32_t U32() { return Fixed<uint32_t>(); }
  int64_t I64() { return Fixed<int64_t>(); }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = U8();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view Text() { return Raw(Varint()); }
  std::string_view Raw(uint64_t size) {
    if (size > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const std::string_view raw = in_.substr(0, size);
    in_.remove_prefix(size);
    return raw;
  }

 private:
  template <typename T>
  T Fixed() {
    T value = 0;
    const std::string_view raw = Raw(sizeof value);
    if (!raw.empty()) memcpy(&value, raw.data(), sizeof value);
    return value;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace weir::store
