#include "sensor/programs_cgroup.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sensor/private_mount.h"

namespace weir {

bpf_link* AttachRootCgroup(const bpf_program* program, std::string* reason) {
  const int mount = MountPrivately("cgroup2");
  // A mount is but a place in the file system; the programs want its root opened.
  const int root = mount < 0 ? -1 : openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) {
    *reason = "cgroup2 cannot be had: " + std::string(strerror(errno));
    if (mount >= 0) close(mount);
    return nullptr;
  }
  bpf_link* link = bpf_program__attach_cgroup(program, root);
  if (link == nullptr) *reason = "attach: " + std::string(strerror(errno));
  close(root);
  close(mount);
  return link;
}

}  // namespace weir
