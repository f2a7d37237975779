#include "sensor/task_iterator.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace weir {

std::unique_ptr<TaskIterator> TaskIterator::Of(int link) {
  const int own = fcntl(link, F_DUPFD_CLOEXEC, 0);
  return own < 0 ? nullptr : std::unique_ptr<TaskIterator>(new TaskIterator(own));
}

TaskIterator::~TaskIterator() { close(link_); }

bool TaskIterator::Run(const Record& record) const {
  const int iterator = bpf_iter_create(link_);
  if (iterator < 0) return false;
  // The kernel hands over whole records or parts of them, as its buffer of 32 KiB has room.
  std::vector<char> buffer(64 * 1024);
  size_t filled = 0;
  ssize_t size = 0;
  for (;;) {
    size = read(iterator, buffer.data() + filled, buffer.size() - filled);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) break;
    filled += static_cast<size_t>(size);
    size_t at = 0;
    while (filled - at >= sizeof(weir_exec_event)) {
      weir_exec_event event;
      memcpy(&event, buffer.data() + at, sizeof(event));
      size_t length = sizeof(event);
      for (uint16_t string : event.h.string_length) length += string;
      if (filled - at < length) break;
      std::vector<uint64_t> aligned((length + 7) / 8);
      memcpy(aligned.data(), buffer.data() + at, length);
      record(reinterpret_cast<const weir_exec_event*>(aligned.data()), length);
      at += length;
    }
    memmove(buffer.data(), buffer.data() + at, filled - at);
    filled -= at;
  }
  const int failure = errno;
  close(iterator);
  errno = failure;
  return size == 0;
}

}  // namespace weir
