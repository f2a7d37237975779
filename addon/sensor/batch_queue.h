// What the reader has decoded and JavaScript has not taken yet. Bounded in batches and in bytes;
// a full queue stops the reader, and then the kernel counts what its rings cannot hold.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "batch/batch.h"
#include "batch/counters.h"

namespace weir {

class BatchQueue {
 public:
  // `wake` runs on the reader's thread when the queue was empty and is not any more.
  BatchQueue(size_t batches, size_t bytes, std::function<void()> wake)
      : max_batches_(batches), max_bytes_(bytes), wake_(std::move(wake)) {}

  // Takes them all, whatever the bound: the reader asks `full` before it reads.
  void Push(std::vector<BatchPtr> batches) {
    if (batches.empty()) return;
    bool was_empty;
    {
      const std::lock_guard lock(mutex_);
      was_empty = queue_.empty();
      for (BatchPtr& batch : batches) {
        bytes_ += batch->size;
        queue_.push_back(std::move(batch));
      }
    }
    if (was_empty) wake_();
  }

  // nullptr when empty. `freed`: the queue was full and is not any more.
  BatchPtr Pop(bool* freed) {
    BatchPtr batch;
    {
      const std::lock_guard lock(mutex_);
      *freed = false;
      if (queue_.empty()) return nullptr;
      const bool was_full = IsFull();
      batch = std::move(queue_.front());
      queue_.pop_front();
      bytes_ -= batch->size;
      *freed = was_full && !IsFull();
    }
    TheCounters().Add(Stage::kDelivered, batch->event_class, batch->rows);
    return batch;
  }

  bool full() const {
    const std::lock_guard lock(mutex_);
    return IsFull();
  }

  // Nobody will take the rest: rows in it are lost, and said so.
  void Discard() {
    const std::lock_guard lock(mutex_);
    for (const BatchPtr& batch : queue_) {
      TheCounters().Add(Stage::kLostQueue, batch->event_class, batch->rows);
    }
    queue_.clear();
    bytes_ = 0;
  }

 private:
  bool IsFull() const { return queue_.size() >= max_batches_ || bytes_ >= max_bytes_; }

  const size_t max_batches_;
  const size_t max_bytes_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<BatchPtr> queue_;
  size_t bytes_ = 0;
};

}  // namespace weir
