#include "sensor/netlink/task_table.h"

#include "sensor/clock.h"

namespace weir {

namespace {

constexpr uint64_t kCgroupNs = 1'000'000'000;
constexpr uint64_t kGraceNs = 5'000'000'000;
// Processes at once; a host has at most 4 million pids, and then memory comes first.
constexpr size_t kMost = 200'000;

}  // namespace

std::optional<Task> TaskTable::Find(uint32_t pid) {
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(pid);
  if (found == tasks_.end()) return std::nullopt;
  return found->second.task;
}

Task TaskTable::Get(uint32_t pid) {
  const auto now = static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME));
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = tasks_.find(pid); found != tasks_.end()) {
      Entry& entry = found->second;
      if (entry.exited || now - entry.cgroup_at < kCgroupNs) return entry.task;
      entry.cgroup_at = now;
      entry.task.cgroup_id = ReadCgroup(pid, entry.task.cgroup_id);
      return entry.task;
    }
  }
  if (const auto read = ReadTask(pid)) {
    Put(*read);
    return *read;
  }
  Task gone;
  gone.pid = pid;
  return gone;
}

void TaskTable::Put(const Task& task) {
  const std::lock_guard lock(mutex_);
  if (tasks_.size() >= kMost && !tasks_.contains(task.pid)) return;
  tasks_[task.pid] = {task, false, static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME))};
}

void TaskTable::Change(uint32_t pid, const std::function<void(Task&)>& change) {
  const std::lock_guard lock(mutex_);
  if (const auto found = tasks_.find(pid); found != tasks_.end()) change(found->second.task);
}

void TaskTable::Exited(uint32_t pid, uint64_t now) {
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(pid);
  if (found == tasks_.end() || found->second.exited) return;
  found->second.exited = true;
  exited_.emplace_back(now, pid);
}

void TaskTable::Expire(uint64_t now) {
  const std::lock_guard lock(mutex_);
  while (!exited_.empty() && exited_.front().first + kGraceNs <= now) {
    // The pid may be another process's by now, which runs.
    const auto found = tasks_.find(exited_.front().second);
    if (found != tasks_.end() && found->second.exited) tasks_.erase(found);
    exited_.pop_front();
  }
}

std::vector<uint32_t> TaskTable::Running() {
  const std::lock_guard lock(mutex_);
  std::vector<uint32_t> pids;
  for (const auto& [pid, entry] : tasks_) {
    if (!entry.exited) pids.push_back(pid);
  }
  return pids;
}

std::unordered_map<uint32_t, uint32_t> TaskTable::Namespaces(uint32_t Task::*which) {
  const std::lock_guard lock(mutex_);
  std::unordered_map<uint32_t, uint32_t> found;
  for (const auto& [pid, entry] : tasks_) {
    if (entry.exited || entry.task.*which == 0) continue;
    const auto [known, first] = found.emplace(entry.task.*which, pid);
    if (!first && entry.task.start_time < tasks_[known->second].task.start_time) {
      known->second = pid;
    }
  }
  return found;
}

std::unordered_map<uint32_t, uint32_t> TaskTable::NetworkNamespaces() {
  return Namespaces(&Task::net_ns);
}

std::unordered_map<uint32_t, uint32_t> TaskTable::MountNamespaces() {
  return Namespaces(&Task::mnt_ns);
}

}  // namespace weir
