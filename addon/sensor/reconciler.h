// After forks, execs or exits were lost: asks the kernel again who runs. Otherwise a process whose
// beginning was lost and that does nothing more would never have its row in process_seen. The ends
// that were lost need no iterator: ProcessCache looks for the dead all the time.
// Reader thread only, but for the constructor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "sensor/decoder.h"
#include "sensor/task_iterator.h"

namespace weir {

class Reconciler {
 public:
  // `tasks`: null when the kernel has no iterator. `lost`: records so far that are missing.
  Reconciler(std::unique_ptr<TaskIterator> tasks, std::function<int64_t()> lost);

  // Call when all that the rings held is decoded. `now`: monotonic, ns. `flush` runs whenever the
  // decoder is full. Looks at most once a second, and asks at most every five.
  void AfterPass(Decoder& decoder, int64_t now, const std::function<void()>& flush);

 private:
  std::unique_ptr<TaskIterator> tasks_;
  std::function<int64_t()> lost_;
  int64_t repaired_ = 0;  // as many lost records are made up for
  int64_t looked_ns_ = 0;
  int64_t asked_ns_ = 0;
};

}  // namespace weir
