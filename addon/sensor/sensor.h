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
#include "sensor/event_source.h"
#include "sensor/process_cache.h"
#include "sensor/programs.h"
#include "sensor/reader.h"

namespace weir {

struct SensorSettings {
  std::string bpf_directory;
  KernelSettings kernel;
  Tier best_tier = Tier::kTrampoline;
  size_t queue_batches = 16;
  size_t queue_bytes = 24u << 20;
  int64_t batch_ns = 5'000'000;
  std::vector<KnownImage> known;
};

class Sensor : public EventSource {
 public:
  // `wake` runs on the reader's thread when a batch waits and none did before.
  Sensor(SensorSettings settings, std::function<void()> wake);
  ~Sensor() override;  // stops; rows that nobody took are counted as lost

  bool Start(ProgramsError* error) override;
  bool Configure(const KernelSettings& kernel, ProgramsError* error) override;
  BatchPtr Next() override;
  void Drain() override;
  void Stop() override;
  std::vector<Hook> hooks() const override {
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
  // What of the kernel's counters has gone into TheCounters(): another sensor may add to them too.
  KernelCounters counted_;
};

}  // namespace weir
