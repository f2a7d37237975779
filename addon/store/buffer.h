// Bytes that something is about to fill: unlike a string's, they are not zeros first.
#pragma once

#include <cstddef>
#include <memory>

namespace weir::store {

class Buffer {
 public:
  // What was there before is gone; the new bytes have no value yet.
  void Make(size_t size) {
    if (size <= size_) return;
    bytes_.reset();
    bytes_.reset(new char[size]);
    size_ = size;
  }
  char* data() const { return bytes_.get(); }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
};

}  // namespace weir::store
