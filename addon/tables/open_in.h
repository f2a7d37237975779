// Opening files that belong to somebody else: in another root (a container's) without being led
// out of it, and with no more rights than a user has.
#pragma once

#include <cstdint>
#include <string>

namespace weir::tables {

// Whose rights the kernel checks. kSelf: this process's.
struct Actor {
  static constexpr int64_t kSelf = -1;
  int64_t uid = kSelf;
  int64_t gid = kSelf;
};

// A file descriptor, or minus the errno. `root` is trusted, `path` and every link on its way are
// not: absolute links begin at `root`, ".." stops there (openat2, Linux 5.6). "" is the host.
int OpenIn(const std::string& root, const std::string& path, int flags, const Actor& actor);

}  // namespace weir::tables
