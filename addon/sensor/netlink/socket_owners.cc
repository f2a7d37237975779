#include "sensor/netlink/socket_owners.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace weir {

namespace {

// One look may cost this many descriptors; the rest of the owners stays unknown, and is said so.
constexpr size_t kMostDescriptors = 200'000;

}  // namespace

std::unordered_map<uint64_t, SocketOwner> FindOwners(TaskTable& tasks,
                                                     std::unordered_set<uint64_t> inodes,
                                                     const std::unordered_set<uint64_t>& cgroups) {
  std::unordered_map<uint64_t, SocketOwner> owners;
  if (inodes.empty()) return owners;
  struct Candidate {
    bool unlikely;
    uint64_t start_time;
    uint32_t pid;
  };
  std::vector<Candidate> candidates;
  for (const uint32_t pid : tasks.Running()) {
    const auto task = tasks.Find(pid);
    // Kernel threads have no descriptors.
    if (!task || task->exe.ino == 0) continue;
    candidates.push_back({!cgroups.contains(task->cgroup_id), task->start_time, pid});
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::tie(a.unlikely, a.start_time) < std::tie(b.unlikely, b.start_time);
  });
  size_t looked = 0;
  for (const Candidate& candidate : candidates) {
    if (inodes.empty() || looked > kMostDescriptors) break;
    const std::string folder = "/proc/" + std::to_string(candidate.pid) + "/fd";
    DIR* directory = opendir(folder.c_str());
    if (directory == nullptr) continue;
    while (const dirent* entry = readdir(directory)) {
      ++looked;
      char target[64];
      const ssize_t size = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
      if (size <= 0) continue;
      target[size] = '\0';
      unsigned long long inode = 0;
      if (sscanf(target, "socket:[%llu]", &inode) != 1 || inodes.erase(inode) == 0) continue;
      owners[inode] = {candidate.pid, atoi(entry->d_name)};
    }
    closedir(directory);
  }
  return owners;
}

}  // namespace weir
