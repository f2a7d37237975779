// Integers of a fixed number of bytes, one after the other.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::store {

// Bytes that hold every number up to `range`.
inline int WidthOf(uint64_t range) {
  int width = 0;
  for (; range != 0; range >>= 8) ++width;
  return width;
}

// `width` low bytes of each value less `base`, value by value.
template <typename Value>
void PackTo(std::string* out, const Value* values, size_t count, uint64_t base, int width) {
  if (width == 0) return;
  const size_t start = out->size();
  out->resize(start + count * width + 8);
  char* to = out->data() + start;
  for (size_t i = 0; i < count; ++i, to += width) {
    const uint64_t value = static_cast<uint64_t>(values[i]) - base;
    memcpy(to, &value, 8);
  }
  out->resize(start + count * width);
}

// Calls take(i, value) for each packed value; false when the bytes do not fit.
template <typename Take>
bool Unpacked(std::string_view packed, int width, size_t count, Take take) {
  if (width < 0 || width > 8 || packed.size() != count * static_cast<size_t>(width)) return false;
  if (width == 0) {
    for (size_t i = 0; i < count; ++i) take(i, uint64_t{0});
    return true;
  }
  const uint64_t mask = width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1;
  const char* from = packed.data();
  size_t i = 0;
  for (; i + 8 < count; ++i, from += width) {  // 8 bytes may be read while 8 values follow
    uint64_t value;
    memcpy(&value, from, 8);
    take(i, value & mask);
  }
  for (; i < count; ++i, from += width) {
    uint64_t value = 0;
    memcpy(&value, from, width);
    take(i, value);
  }
  return true;
}

// The range of differences, modulo 2^64: their unsigned order is that of signed numbers.
class DifferenceRange {
 public:
  void Add(uint64_t difference) {
    const uint64_t biased = difference ^ kBias;
    least_ = biased < least_ ? biased : least_;
    most_ = biased > most_ ? biased : most_;
  }
  // The smallest difference, which the others are packed relative to; 0 when there is none.
  uint64_t base() const { return least_ > most_ ? 0 : least_ ^ kBias; }
  int width() const { return least_ > most_ ? 0 : WidthOf(most_ - least_); }

 private:
  static constexpr uint64_t kBias = uint64_t{1} << 63;
  uint64_t least_ = UINT64_MAX, most_ = 0;
};

}  // namespace weir::store
