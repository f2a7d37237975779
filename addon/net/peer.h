// Who is at the other end of a Unix socket: the kernel's word, not the peer's.
#pragma once

#include <sys/types.h>

#include <vector>

namespace weir::net {

struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  // Those that it had when it connected; of kernels before 4.13 none.
  std::vector<gid_t> groups;
};

// 0, or an errno.
int PeerOf(int fd, Peer* peer);

}  // namespace weir::net
