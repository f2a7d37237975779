// One thread that reads what one kernel interface tells.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sensor/netlink/sink.h"

namespace weir {

// What a thread reads. All methods but the destructor run on it.
class Source {
 public:
  virtual ~Source() = default;
  // Before the first pass.
  virtual void Begin() {}
  // Descriptors that become readable when there is something.
  virtual std::vector<int> Descriptors() const = 0;
  // Reads until nothing is left. `drain`: also what is only looked at from time to time.
  virtual void Pass(bool drain) = 0;
  // ms until the next pass is due although nothing is readable; -1: none is.
  virtual int TimeoutMs() const = 0;
};

class SourceThread {
 public:
  SourceThread(std::string name, Source& source, Sink& sink);
  ~SourceThread() { Stop(); }

  bool Start();
  // Returns when a pass that began after the call is over, and what it read is handed over.
  void Drain() { Await(true); }
  // Returns when a pass that began after the call is over. For other sources, which may stop only
  // before this one does.
  void CatchUp() { Await(false); }
  // The queue has room again.
  void Resume();
  // After a last pass. Idempotent.
  void Stop();

 private:
  void Run();
  void Await(bool drain);

  const std::string name_;
  Source& source_;
  Sink& sink_;
  int event_ = -1;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable drained_;
  uint64_t asked_ = 0;
  uint64_t done_ = 0;
  uint64_t drain_asked_ = 0;  // the last of those that want all handed over
  bool stop_ = false;
};

}  // namespace weir
