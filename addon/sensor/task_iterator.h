// All processes that run, as the kernel's task iterator finds them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "weir.h"

namespace weir {

class TaskIterator {
 public:
  using Record = std::function<void(const weir_exec_event* record, size_t size)>;

  // Of an attached iterator. Its descriptor is duplicated: whoever detaches it does not have to
  // wait for another thread that runs it. Null with errno set.
  static std::unique_ptr<TaskIterator> Of(int link);
  ~TaskIterator();
  TaskIterator(const TaskIterator&) = delete;
  TaskIterator& operator=(const TaskIterator&) = delete;

  // `record` gets one struct weir_exec_event (type WEIR_TASK) per process, followed by its strings.
  // exe path and cwd are there; filename, interpreter and argv never are. The memory is valid
  // during the call only. False with errno set.
  bool Run(const Record& record) const;

 private:
  explicit TaskIterator(int link) : link_(link) {}

  const int link_;
};

}  // namespace weir
