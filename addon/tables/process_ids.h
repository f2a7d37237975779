// User and group ids of a process, the cheap way where the kernel has one.
#pragma once

#include <cstdint>
#include <string>

namespace weir::tables {

// Appends "uid euid suid gid egid sgid" in decimal. Its length, or minus the errno. `folder` is
// /proc; `live` says that it is the host's own and not a test's.
int32_t AppendProcessIds(int folder, uint32_t pid, bool live, std::string* out);

}  // namespace weir::tables
