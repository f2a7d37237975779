// Programs, rings, reader and queue together, without Node: one running source of events.
//
// Main thread only, but for the refresh of the counters, which any thread may ask for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensor/batch_queue.h"
#include "sensor/process_cache.h"
#include "sensor/programs.h"
#include "sensor/reader.h"

namespace weir {

struct SensorSettings {
  std::string bpf_directory;
  KernelSettings kernel;
  size_t queue_batches = 16;
  size_t queue_bytes = 24u << 20;
  int64_t batch_ns = 5'000'000;
  std::vector<KnownImage> known;
};

class Sensor {
 public:
  // `wake` runs on the reader's thread when a batch waits and none did before.
  Sensor(SensorSettings settings, std::function<void()> wake);
  ~Sensor();  // stops; rows that nobody took are counted as lost

  bool Start(ProgramsError* error);
  bool Configure(const KernelSettings& kernel, ProgramsError* error);
  BatchPtr Next();
  void Drain();
  void Stop();
  // Of the running programs; none before Start and after Stop.
  std::vector<Hook> hooks() const {
    return programs_ == nullptr ? std::vector<Hook>() : programs_->hooks();
  }

 private:
  bool StartReader(ProgramsError* error);
  void RefreshCounters();

  SensorSettings settings_;
  // Made by Start and gone after Stop, so that the kernel unloads them then.
  std::unique_ptr<Programs> programs_;
  BatchQueue queue_;
  std::unique_ptr<Reader> reader_;
  bool started_ = false;
  // What earlier sensors of this process have counted: the kernel begins at 0 for each.
  KernelCounters base_;
};

}  // namespace weir
