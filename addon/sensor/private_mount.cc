#include "sensor/private_mount.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace weir {
namespace {

// Not in every libc's headers.
constexpr unsigned kFsopenCloexec = 1;
constexpr unsigned kFsconfigCreate = 6;
constexpr unsigned kFsmountCloexec = 1;

}  // namespace

int MountPrivately(const char* type) {
  const int context = static_cast<int>(syscall(SYS_fsopen, type, kFsopenCloexec));
  if (context < 0) return -1;
  int mount = -1;
  if (syscall(SYS_fsconfig, context, kFsconfigCreate, nullptr, nullptr, 0) == 0) {
    mount = static_cast<int>(syscall(SYS_fsmount, context, kFsmountCloexec, 0));
  }
  close(context);
  return mount;
}

}  // namespace weir
