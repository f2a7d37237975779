// A BPF ring buffer, mapped by ourselves: libbpf's consumer cannot stop at a given position, and
// it maps the data twice in a row, which counts twice in the resident set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir {

class Ring {
 public:
  enum class Next { kRecord, kBusy, kEnd };

  // `fd` stays the caller's; `size` is the map's max_entries. nullptr with errno set.
  static std::unique_ptr<Ring> Map(int fd, size_t size);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  int fd() const { return fd_; }
  // Where the kernel reserves next. Records before it exist, though the last may still be busy.
  uint64_t ProducerPosition() const;
  uint64_t position() const { return position_; }

  // The next record before `limit`, skipping discarded ones. kBusy: reserved, not yet written.
  // The memory is valid until the next call of Take or Release.
  Next Take(uint64_t limit, const void** data, size_t* size);
  // Gives what was taken back to the kernel. Done by Take itself every so often.
  void Release();

 private:
  Ring(int fd, size_t size) : fd_(fd), size_(size) {}

  const int fd_;
  const size_t size_;
  uint8_t* consumer_ = nullptr;  // one page, writable
  uint8_t* producer_ = nullptr;  // one page and the data, read-only
  uint64_t position_ = 0;
  uint64_t released_ = 0;
  std::vector<uint8_t> wrapped_;  // a record that goes over the end, in one piece
};

}  // namespace weir
