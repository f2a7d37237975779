// The values of an IN list: sorted, with a table of bits in front that refuses most others at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace weir::store {

class IntegerSet {
 public:
  void Add(int64_t value) { values_.push_back(value); }
  // After the last Add, before anything else.
  void Finish() {
    std::sort(values_.begin(), values_.end());
    size_t bits = 64;
    shift_ = 64 - 6;
    for (; bits < values_.size() * 16; bits *= 2) --shift_;
    bits_.assign(bits / 64, 0);
    for (const int64_t value : values_)
      bits_[Place(value) / 64] |= uint64_t{1} << Place(value) % 64;
  }
  bool Has(int64_t value) const {
    return (bits_[Place(value) / 64] >> Place(value) % 64 & 1) != 0 &&
           std::binary_search(values_.begin(), values_.end(), value);
  }
  // One of the values lies in [low, high].
  bool Meets(int64_t low, int64_t high) const {
    const auto first = std::lower_bound(values_.begin(), values_.end(), low);
    return first != values_.end() && *first <= high;
  }
  const std::vector<int64_t>& values() const { return values_; }

 private:
  size_t Place(int64_t value) const {
    return static_cast<uint64_t>(value) * 0x9e3779b97f4a7c15u >> shift_;
  }

  std::vector<int64_t> values_;
  std::vector<uint64_t> bits_;
  int shift_ = 0;
};

}  // namespace weir::store
