// Processes without eBPF: forks, execs and exits of the connector, completed from /proc at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sensor/netlink/connector.h"
#include "sensor/netlink/scope.h"
#include "sensor/netlink/source.h"
#include "sensor/netlink/task_table.h"

namespace weir {

class LifecycleSource : public Source {
 public:
  LifecycleSource(TaskTable& tasks, Scope& scope, Sink& sink);

  // Subscribes; from then on nothing is missed that Seed does not find. Any thread, before Begin.
  bool Open(std::string* why) { return connector_.Open(why); }
  // All that runs. Before Begin.
  void Seed();

  std::vector<int> Descriptors() const override { return {connector_.fd()}; }
  void Begin() override;
  void Pass(bool drain) override;
  int TimeoutMs() const override { return 1000; }

 private:
  // What was read of a process the moment its exec was heard of.
  struct Heard {
    proc_event event;
    std::optional<Task> task;
    TaskImage image;
  };
  void Handle(const Heard& heard);
  void Fork(const proc_event& event, uint64_t time);
  void Exec(const Heard& heard, uint64_t time);
  void Exit(const proc_event& event, uint64_t time);
  void Ended(Task task, uint32_t exit_code, uint64_t time);
  void LookAfterHeadless(uint64_t now);
  void Reconcile();

  Connector connector_;
  std::vector<Heard> heard_;
  TaskTable& tasks_;
  Scope& scope_;
  Sink& sink_;
  // Processes whose leader has ended and whose threads may go on, with the leader's code.
  std::unordered_map<uint32_t, uint32_t> headless_;
  int64_t to_boottime_ = 0;  // from the events' monotonic clock
};

}  // namespace weir
