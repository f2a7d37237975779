// Mounted file systems worth watching, from mountinfo.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct Mount {
  uint64_t device;    // major << 20 | minor: one per file system
  std::string point;  // as its namespace has it
  std::string type;
};

// One mount of each file system, those first that are mounted whole. `root` is /proc/PID/root of
// another namespace, or empty; points come with it in front. Left out: file systems that hold no
// files, and those across a network, where looking a name up may hang.
std::vector<Mount> ReadMounts(const std::string& mountinfo, const std::string& root);

}  // namespace weir
