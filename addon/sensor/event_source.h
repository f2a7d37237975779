// What the binding runs: eBPF's sensor or the one that does without. Main thread only.
#pragma once

#include <vector>

#include "batch/batch.h"
#include "sensor/programs.h"

namespace weir {

class EventSource {
 public:
  virtual ~EventSource() = default;  // stops; rows that nobody took are counted as lost

  // Attaches, seeds, and starts reading.
  virtual bool Start(ProgramsError* error) = 0;
  virtual bool Configure(const KernelSettings& kernel, ProgramsError* error) = 0;
  // nullptr when no batch waits.
  virtual BatchPtr Next() = 0;
  // Returns when all that the kernel has told before the call is decoded and queued.
  virtual void Drain() = 0;
  virtual void Stop() = 0;
  // What is attached and what could not be; nothing before Start and after Stop.
  virtual std::vector<Hook> hooks() const = 0;
};

}  // namespace weir
