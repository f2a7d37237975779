// Where the sources without eBPF put their records: one decoder, its queue, and the counters. Any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "sensor/batch_queue.h"
#include "sensor/decoder.h"

namespace weir {

class Sink {
 public:
  Sink(std::unique_ptr<Decoder> decoder, BatchQueue& queue, int64_t batch_ns);

  void Seed(const std::string& record, Origin origin);
  void SeedDone();
  // One row of the class, which was seen and not excluded.
  void Emit(const std::string& record, int event_class, Origin origin);
  // In scope, but left out by the exclusion that counts there.
  void Excluded(int event_class, uint32_t slot);
  // The kernel says that it dropped some: `rows` is what it says at least.
  void Lost(int event_class, int64_t rows);

  // Around what one thread reads in one go. Housekeeping is the lifecycle source's.
  void BeginPass();
  void EndPass();
  bool full() const { return queue_.full(); }
  // Hands over what has waited long enough, or all of it. Returns ms until there is more to hand
  // over; -1: nothing waits.
  int Flush(bool all);

 private:
  void FlushLocked(int64_t now);

  BatchQueue& queue_;
  const int64_t batch_ns_;
  std::mutex mutex_;
  const std::unique_ptr<Decoder> decoder_;
  int64_t first_row_ = 0;
  int64_t last_flush_ = 0;
};

}  // namespace weir
