#include "sensor/programs_detach.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

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

// `gone` is the last thing that the keeper holds: when it ends, descriptors are closed in their
// order.
[[noreturn]] void Keep(const std::vector<int>& descriptors, int until_closed,
                       const std::vector<int>& gone) {
  CloseAllBut(descriptors);
  char byte;
  while (read(until_closed, &byte, 1) > 0) {
  }
  CloseAllBut(gone);
  _exit(0);
}

}  // namespace

int CloseElsewhere(std::vector<int> descriptors, const std::function<void()>& close_here) {
  int ends[2], gone[2];
  if (descriptors.empty() || pipe2(ends, O_CLOEXEC) != 0) {
    close_here();
    return -1;
  }
  if (pipe2(gone, O_CLOEXEC) != 0) {
    close(ends[0]);
    close(ends[1]);
    close_here();
    return -1;
  }
  descriptors.push_back(ends[0]);
  descriptors.push_back(gone[1]);
  std::sort(descriptors.begin(), descriptors.end());
  // Before the forks: what they may call afterwards is little, and memory is not among it.
  const std::vector<int> last = {gone[1]};
  // Twice, so that the keeper is init's child and no zombie of ours.
  const pid_t middle = RawFork();
  if (middle == 0) {
    const pid_t keeper = RawFork();
    if (keeper == 0) Keep(descriptors, ends[0], last);
    _exit(0);
  }
  if (middle > 0) waitpid(middle, nullptr, 0);
  close(ends[0]);
  close(gone[1]);
  close_here();
  close(ends[1]);
  return gone[0];
}

void WaitClosed(int descriptor, int milliseconds) {
  pollfd end = {descriptor, POLLIN, 0};
  while (poll(&end, 1, milliseconds) < 0 && errno == EINTR) {
  }
  close(descriptor);
}

}  // namespace weir
