// What the kernel says of all processes in one read of an eBPF iterator: a few milliseconds, where
// reading files of /proc takes 30 us for each process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "weir.h"

namespace weir {

struct TaskFact {
  weir_task_fact fact{};  // of the leader; times and bytes are sums over all threads
  bool has_leader = false;
  bool has_cgroup = false;
  std::string cgroup;  // its path in the hierarchy that /proc/PID/cgroup shows first
};

class TaskFacts {
 public:
  // For the whole process: from now on `Read` may load the program of this folder. "": no longer,
  // and it is unloaded.
  static void Use(const std::string& directory);

  // nullptr: it is not wanted or cannot be had, or this process is in a pid namespace, whose
  // numbers are not the kernel's.
  static std::shared_ptr<const TaskFacts> Read();

  // Path of a root or working directory that this process has, too: most have its root. "":
  // another.
  const std::string& PathOf(const __u64 (&place)[2]) const;

  // nullptr: no such process was there.
  const TaskFact* Find(uint32_t pid) const;

 private:
  bool Run(int link);
  bool MatchesThisProcess();
  size_t TakeRecord(const char* at, size_t size);

  std::unordered_map<uint32_t, TaskFact> tasks_;
  struct Own {
    __u64 place[2];
    std::string path;
  };
  std::vector<Own> own_;
};

}  // namespace weir
