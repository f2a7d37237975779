// Every running process as the sources without eBPF know it. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sensor/netlink/task.h"

namespace weir {

class TaskTable {
 public:
  std::optional<Task> Find(uint32_t pid);
  // Also from /proc; a process that is gone and was never met has start_time 0. Its cgroup is
  // looked up again after a second, as no event tells of a move.
  Task Get(uint32_t pid);
  void Put(const Task& task);
  // Changes a process that is known.
  void Change(uint32_t pid, const std::function<void(Task&)>& change);
  // Stays a while: events of files and sockets come later than its end.
  void Exited(uint32_t pid, uint64_t now);
  void Expire(uint64_t now);
  // Pids that have not exited.
  std::vector<uint32_t> Running();
  // (network namespace, a process in it) of the running.
  std::unordered_map<uint32_t, uint32_t> NetworkNamespaces();
  std::unordered_map<uint32_t, uint32_t> MountNamespaces();

 private:
  struct Entry {
    Task task;
    bool exited = false;
    uint64_t cgroup_at = 0;
  };
  std::unordered_map<uint32_t, uint32_t> Namespaces(uint32_t Task::*which);

  std::mutex mutex_;
  std::unordered_map<uint32_t, Entry> tasks_;
  std::deque<std::pair<uint64_t, uint32_t>> exited_;  // when, pid
};

}  // namespace weir
