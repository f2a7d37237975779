#include "sensor/ring.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "check.h"

namespace {

// The kernel's side of a ring, over ordinary memory with the same layout.
class Producer {
 public:
  static constexpr size_t kSize = 4096;

  Producer() {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    fd_ = memfd_create("ring", MFD_CLOEXEC);
    TRUE(ftruncate(fd_, static_cast<off_t>(2 * page + kSize)) == 0);
    base_ = static_cast<uint8_t*>(
        mmap(nullptr, 2 * page + kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0));
    producer_ = reinterpret_cast<uint64_t*>(base_ + page);
    data_ = base_ + 2 * page;
  }
  ~Producer() { close(fd_); }

  int fd() const { return fd_; }
  uint64_t consumed() const { return *reinterpret_cast<uint64_t*>(base_); }

  // Bits as the kernel sets them: 1 << 31 busy, 1 << 30 discarded. Returns where the header lies.
  uint64_t Write(const std::string& bytes, uint32_t bits = 0) {
    const uint64_t at = *producer_;
    const uint32_t header[2] = {static_cast<uint32_t>(bytes.size()) | bits, 0};
    Put(at, header, sizeof header);
    Put(at + 8, bytes.data(), bytes.size());
    std::atomic_ref(*producer_).store(at + ((8 + bytes.size() + 7) & ~size_t{7}));
    return at;
  }
  void Commit(uint64_t at) { data_[(at & (kSize - 1)) + 3] &= 0x7f; }

 private:
  void Put(uint64_t at, const void* from, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      data_[(at + i) & (kSize - 1)] = static_cast<const uint8_t*>(from)[i];
    }
  }

  int fd_;
  uint8_t* base_;
  uint64_t* producer_;
  uint8_t* data_;
};

std::string Take(weir::Ring& ring, uint64_t limit) {
  const void* data = nullptr;
  size_t size = 0;
  switch (ring.Take(limit, &data, &size)) {
    case weir::Ring::Next::kEnd:
      return "END";
    case weir::Ring::Next::kBusy:
      return "BUSY";
    default:
      return {static_cast<const char*>(data), size};
  }
}

}  // namespace

TEST(StopsAtLimit, "reading stops at a position, at a busy record, and goes on later") {
  Producer kernel;
  const auto ring = weir::Ring::Map(kernel.fd(), Producer::kSize);
  TRUE(ring != nullptr);
  kernel.Write("one");
  const uint64_t limit = ring->ProducerPosition();
  kernel.Write("gone", 1u << 30);
  const uint64_t busy = kernel.Write("two", 1u << 31);
  EQUAL(Take(*ring, limit), "one");
  EQUAL(Take(*ring, limit), "END");
  EQUAL(Take(*ring, ring->ProducerPosition()), "BUSY");
  kernel.Commit(busy);
  EQUAL(Take(*ring, ring->ProducerPosition()), "two");
  EQUAL(Take(*ring, ring->ProducerPosition()), "END");
  ring->Release();
  EQUAL(kernel.consumed(), ring->ProducerPosition());
}

TEST(GoesRound, "records over the end come in one piece") {
  Producer kernel;
  const auto ring = weir::Ring::Map(kernel.fd(), Producer::kSize);
  uint32_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 1103515245 + 12345;
    const std::string bytes((random >> 16) % 900, static_cast<char>('a' + i % 26));
    kernel.Write(bytes);
    EQUAL(Take(*ring, ring->ProducerPosition()), bytes);
  }
}
