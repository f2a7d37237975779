#include "tables/open_in.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace weir::tables {

int OpenIn(const std::string& root, const std::string& path, int flags) {
  const int folder = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // A rename during the walk gives EAGAIN; it is no reason to give up at once.
  long fd = -1;
  for (int i = 0; i < 8; ++i) {
    fd = syscall(SYS_openat2, folder, path.empty() ? "/" : path.c_str(), &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  const int error = errno;
  close(folder);
  return fd >= 0 ? static_cast<int>(fd) : -error;
}

}  // namespace weir::tables
