// The sensor that does without eBPF: process connector, fanotify and sock_diag into one queue.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensor/event_source.h"
#include "sensor/netlink/file_source.h"
#include "sensor/netlink/lifecycle_source.h"
#include "sensor/netlink/socket_source.h"
#include "sensor/sensor.h"

namespace weir {

class NetlinkSensor : public EventSource {
 public:
  // `wake` runs on a source's thread when a batch waits and none did before.
  NetlinkSensor(SensorSettings settings, std::function<void()> wake);
  ~NetlinkSensor() override;

  // False only when processes cannot be watched; what else is missing is in hooks().
  bool Start(ProgramsError* error) override;
  bool Configure(const KernelSettings& kernel, ProgramsError* error) override;
  BatchPtr Next() override;
  void Drain() override;
  void Stop() override;
  std::vector<Hook> hooks() const override;

 private:
  // All that lives from Start to Stop. Threads go first: they use the rest.
  struct Running;

  SensorSettings settings_;
  BatchQueue queue_;
  Scope scope_;
  std::unique_ptr<Running> running_;
};

}  // namespace weir
