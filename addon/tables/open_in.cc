#include "tables/open_in.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace weir::tables {

namespace {

// Acts as a user in the file system while it lives, on this thread alone: the system calls
// themselves, because the C library would change every thread. With a user's id the kernel takes
// away what lets root read everything.
class Acting {
 public:
  explicit Acting(const Actor& actor) {
    if (actor.uid == Actor::kSelf || geteuid() != 0) return;
    groups_.resize(std::max(0, getgroups(0, nullptr)));
    const int count = getgroups(static_cast<int>(groups_.size()), groups_.data());
    groups_.resize(std::max(0, count));
    active_ = true;
    syscall(SYS_setgroups, 0, nullptr);
    gid_ = setfsgid(static_cast<gid_t>(actor.gid));
    uid_ = setfsuid(static_cast<uid_t>(actor.uid));
    // Neither call says that it failed; asking for an impossible id tells the present one.
    refused_ = setfsuid(static_cast<uid_t>(-1)) != static_cast<int>(actor.uid);
  }
  ~Acting() {
    if (!active_) return;
    setfsuid(static_cast<uid_t>(uid_));
    setfsgid(static_cast<gid_t>(gid_));
    syscall(SYS_setgroups, groups_.size(), groups_.data());
  }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;
  bool refused() const { return refused_; }

 private:
  bool active_ = false;
  bool refused_ = false;
  int uid_ = 0;
  int gid_ = 0;
  std::vector<gid_t> groups_;
};

int OpenBelow(const std::string& root, const char* path, int flags) {
  const int folder = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -errno;
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // A rename during the walk gives EAGAIN; it is no reason to give up at once.
  long fd = -1;
  for (int i = 0; i < 8; ++i) {
    fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  const int error = errno;
  close(folder);
  return fd >= 0 ? static_cast<int>(fd) : -error;
}

}  // namespace

int OpenIn(const std::string& root, const std::string& path, int flags, const Actor& actor) {
  const Acting acting(actor);
  if (acting.refused()) return -EPERM;
  const char* at = path.empty() ? "/" : path.c_str();
  if (!root.empty()) return OpenBelow(root, at, flags);
  const int fd = open(at, flags | O_CLOEXEC);
  return fd >= 0 ? fd : -errno;
}

}  // namespace weir::tables
