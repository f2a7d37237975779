#include "sensor/programs_detach.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace weir {
namespace {

// Not fork(): this process has threads, so its handlers must not run. After it, only system calls.
pid_t RawFork() { return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }

// `keep` is sorted.
void CloseAllBut(const std::vector<int>& keep) {
  unsigned next = 0;
  for (int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next) syscall(SYS_close_range, next, kept - 1, 0);
    next = kept + 1;
  }
  syscall(SYS_close_range, next, ~0u, 0);
}

[[noreturn]] void Keep(const std::vector<int>& descriptors, int until_closed) {
  CloseAllBut(descriptors);
  char byte;
  while (read(until_closed, &byte, 1) > 0) {
  }
  _exit(0);
}

}  // namespace

void CloseElsewhere(std::vector<int> descriptors, const std::function<void()>& close_here) {
  int ends[2];
  if (descriptors.empty() || pipe2(ends, O_CLOEXEC) != 0) {
    close_here();
    return;
  }
  descriptors.push_back(ends[0]);
  std::sort(descriptors.begin(), descriptors.end());
  // Twice, so that the keeper is init's child and no zombie of ours.
  const pid_t middle = RawFork();
  if (middle == 0) {
    const pid_t keeper = RawFork();
    if (keeper == 0) Keep(descriptors, ends[0]);
    _exit(0);
  }
  if (middle > 0) waitpid(middle, nullptr, 0);
  close(ends[0]);
  close_here();
  close(ends[1]);
}

}  // namespace weir
