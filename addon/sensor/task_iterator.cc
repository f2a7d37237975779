#include "sensor/task_iterator.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "sensor/iterator_records.h"

namespace weir {

std::unique_ptr<TaskIterator> TaskIterator::Of(int link) {
  const int own = fcntl(link, F_DUPFD_CLOEXEC, 0);
  return own < 0 ? nullptr : std::unique_ptr<TaskIterator>(new TaskIterator(own));
}

TaskIterator::~TaskIterator() { close(link_); }

bool TaskIterator::Run(const Record& record) const {
  return ReadIteratorRecords(link_, [&record](const char* at, size_t size) -> size_t {
    weir_exec_event event;
    if (size < sizeof(event)) return 0;
    memcpy(&event, at, sizeof(event));
    size_t length = sizeof(event);
    for (uint16_t string : event.h.string_length) length += string;
    if (size < length) return 0;
    std::vector<uint64_t> aligned((length + 7) / 8);
    memcpy(aligned.data(), at, length);
    record(reinterpret_cast<const weir_exec_event*>(aligned.data()), length);
    return length;
  });
}

}  // namespace weir
