// What is known of a running process where no kernel object can be read: /proc, and what fork
// hands down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "weir.h"

namespace weir {

struct Task {
  uint32_t pid = 0;
  // ns since boot, cut to the 10 ms that /proc shows. 0: gone before anybody looked.
  uint64_t start_time = 0;
  // Stands for the kernel's count of execs: a hash of where the image lies in memory, which a fork
  // keeps and an exec draws anew. The same after a restart of weir.
  uint32_t exec_number = 0;
  uint32_t parent_pid = 0;
  uint64_t parent_start_time = 0;
  uint32_t pgid = 0, sid = 0;
  uint32_t tty = 0;  // device number as /proc shows it
  uint32_t uid = 0, gid = 0, suid = 0, sgid = 0, euid = 0, egid = 0, fsuid = 0, fsgid = 0;
  uint32_t auid = UINT32_MAX;
  uint64_t cgroup_id = 0;
  uint32_t mnt_ns = 0, pid_ns = 0, net_ns = 0, user_ns = 0, uts_ns = 0, cgroup_ns = 0;
  uint32_t ns_pid = 0;
  uint32_t threads = 1;
  bool leader_gone = false;
  bool zombie = false;  // the leader has ended, and nobody has taken its place
  bool ended = false;
  weir_exe_key exe = {};
  char comm[WEIR_COMM_LEN] = "";
  uint64_t read_at = 0;  // ns since boot; 0: nothing of it was read, all is inherited
};

// The texts of an image, and its file.
struct TaskImage {
  std::string exe;
  std::string cwd;
  std::string arguments;  // each ended by NUL
  uint32_t arguments_size = 0;
  bool arguments_cut = false;
  bool has_file = false;
  uint64_t dev = 0, ino = 0, size = 0;  // dev as the kernel packs it
  int64_t atime = 0, mtime = 0, ctime = 0;
  uint32_t mode = 0, uid = 0, gid = 0, nlink = 0;
};

// Nothing when the process is gone. `image`: also that, when asked for.
std::optional<Task> ReadTask(uint32_t pid, TaskImage* image = nullptr);
// ns since boot as in Task; 0 when the process is gone.
uint64_t ReadStartTime(uint32_t pid);
// The cgroup2 id of a process; `otherwise` when it cannot be had.
uint64_t ReadCgroup(uint32_t pid, uint64_t otherwise);

// A header with everything of the process in it.
weir_header HeaderOf(const Task& task, uint16_t type, uint64_t time);

}  // namespace weir
