#include "sensor/iterator_records.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace weir {

bool ReadIteratorRecords(int link, const TakeRecord& take) {
  const int iterator = bpf_iter_create(link);
  if (iterator < 0) return false;
  // The kernel hands over whole records or parts of them, as its buffer of 32 KiB has room.
  std::vector<char> buffer(64 * 1024);
  size_t filled = 0;
  ssize_t size = 0;
  for (;;) {
    size = read(iterator, buffer.data() + filled, buffer.size() - filled);
    // EAGAIN: a million tasks gave nothing to write; the next read goes on behind them.
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) break;
    filled += static_cast<size_t>(size);
    size_t at = 0;
    while (const size_t taken = take(buffer.data() + at, filled - at)) at += taken;
    memmove(buffer.data(), buffer.data() + at, filled - at);
    filled -= at;
  }
  const int failure = size == 0 ? EPROTO : errno;
  close(iterator);
  errno = failure;
  return size == 0 && filled == 0;
}

}  // namespace weir
