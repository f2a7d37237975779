// Which process has a socket: no kernel interface tells it but the descriptors in /proc.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "sensor/netlink/task_table.h"

namespace weir {

struct SocketOwner {
  uint32_t pid = 0;
  int fd = -1;
};

// By inode; those that nobody has, or whose owner is gone, are missing. Processes of `cgroups` are
// looked at first. Of several owners (a fork inherits descriptors) the one that began first counts.
std::unordered_map<uint64_t, SocketOwner> FindOwners(TaskTable& tasks,
                                                     std::unordered_set<uint64_t> inodes,
                                                     const std::unordered_set<uint64_t>& cgroups);

}  // namespace weir
