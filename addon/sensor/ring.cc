#include "sensor/ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace weir {

namespace {

// kernel/bpf/ringbuf.c; part of the user interface (BPF_RINGBUF_*_BIT, BPF_RINGBUF_HDR_SZ).
constexpr uint32_t kBusyBit = 1u << 31;
constexpr uint32_t kDiscardBit = 1u << 30;
constexpr size_t kHeader = 8;

// The kernel's own line moves between cores with every store: pay for that rarely, but leave no
// large part of the ring unusable meanwhile.
constexpr uint64_t kReleaseBytes = 64 * 1024;

size_t PageSize() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

std::unique_ptr<Ring> Ring::Map(int fd, size_t size) {
  const size_t page = PageSize();
  auto ring = std::unique_ptr<Ring>(new Ring(fd, size));
  void* consumer = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (consumer == MAP_FAILED) return nullptr;
  ring->consumer_ = static_cast<uint8_t*>(consumer);
  void* producer = mmap(nullptr, page + size, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page));
  if (producer == MAP_FAILED) return nullptr;
  ring->producer_ = static_cast<uint8_t*>(producer);
  ring->position_ = ring->released_ =
      std::atomic_ref(*reinterpret_cast<uint64_t*>(ring->consumer_)).load();
  return ring;
}

Ring::~Ring() {
  const size_t page = PageSize();
  if (consumer_ != nullptr) munmap(consumer_, page);
  if (producer_ != nullptr) munmap(producer_, page + size_);
}

uint64_t Ring::ProducerPosition() const {
  return std::atomic_ref(*reinterpret_cast<uint64_t*>(producer_)).load(std::memory_order_acquire);
}

Ring::Next Ring::Take(uint64_t limit, const void** data, size_t* size) {
  if (position_ - released_ >= kReleaseBytes) Release();
  const uint8_t* ring = producer_ + PageSize();
  const size_t mask = size_ - 1;
  while (position_ < limit) {
    const size_t at = position_ & mask;
    // Headers are 8 bytes and 8-aligned: they never go over the end.
    const uint32_t length =
        std::atomic_ref(*reinterpret_cast<uint32_t*>(const_cast<uint8_t*>(ring + at)))
            .load(std::memory_order_acquire);
    if ((length & kBusyBit) != 0) return Next::kBusy;
    const size_t bytes = length & ~(kBusyBit | kDiscardBit);
    position_ += (kHeader + bytes + 7) & ~size_t{7};
    if ((length & kDiscardBit) != 0) continue;
    const size_t start = (at + kHeader) & mask;
    if (start + bytes <= size_) {
      *data = ring + start;
    } else {
      wrapped_.resize(std::max(wrapped_.size(), bytes));
      const size_t first = size_ - start;
      memcpy(wrapped_.data(), ring + start, first);
      memcpy(wrapped_.data() + first, ring, bytes - first);
      *data = wrapped_.data();
    }
    *size = bytes;
    return Next::kRecord;
  }
  return Next::kEnd;
}

// Sequentially consistent: the kernel wakes us only when it sees us caught up, so the store must be
// out before we look for more and go to sleep.
void Ring::Release() {
  if (released_ == position_) return;
  std::atomic_ref(*reinterpret_cast<uint64_t*>(consumer_)).store(position_);
  released_ = position_;
}

}  // namespace weir
