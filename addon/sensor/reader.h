// The reader thread: rings to decoded batches in the queue.
//
// Threads. The reader thread alone touches rings and decoder from Start to Stop. Any thread may
// call Drain, Stop and Resume; they only set flags under the mutex and ring the event descriptor.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "sensor/batch_queue.h"
#include "sensor/decoder.h"
#include "sensor/reconciler.h"
#include "sensor/ring.h"

namespace weir {

class Reader {
 public:
  // `lifecycle`, `noise`: mapped rings. `batch_ns`: longest that a row waits for others. `awake` is
  // called now and then while there is something to read: see Programs::ReaderIsAwake.
  Reader(std::unique_ptr<Ring> lifecycle, std::unique_ptr<Ring> noise,
         std::unique_ptr<Decoder> decoder, Reconciler reconciler, BatchQueue& queue,
         int64_t batch_ns, std::function<void(int64_t)> awake);
  ~Reader();  // stops

  // False with errno set.
  bool Start();
  // Returns when all records that existed at the call are decoded and queued, however full the
  // queue: the thread that empties it is the one that waits here.
  void Drain();
  // The queue has room again.
  void Resume();
  // Drains and joins. Idempotent.
  void Stop();

 private:
  void Run();
  bool Pass(bool bounded);
  void NoteRead();
  bool TakeAll(Ring& ring, uint64_t limit, int ring_class, bool bounded);
  void Flush(int64_t now);
  void Sleep(bool full, int64_t now);

  const std::unique_ptr<Ring> lifecycle_;
  const std::unique_ptr<Ring> noise_;
  const std::unique_ptr<Decoder> decoder_;
  Reconciler reconciler_;
  BatchQueue& queue_;
  const int64_t batch_ns_;
  const std::function<void(int64_t)> awake_;

  // Reader thread only.
  int64_t first_row_ = 0;   // when the oldest row in the builders came
  int64_t last_flush_ = 0;  // a second batch so soon after the first waits for company
  int64_t last_read_ = 0;
  int64_t last_said_awake_ = 0;

  int epoll_ = -1;
  int event_ = -1;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable drained_;
  uint64_t drain_asked_ = 0;
  uint64_t drain_done_ = 0;
  bool stop_ = false;
};

}  // namespace weir
