#include "net/peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace weir::net {

int PeerOf(int fd, Peer* peer) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return errno;
  *peer = {.uid = who.uid, .gid = who.gid, .pid = who.pid, .groups = {}};
  // The first call says how much there is.
  socklen_t bytes = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes) == 0) return 0;
  if (errno != ERANGE) return errno == ENOPROTOOPT ? 0 : errno;
  peer->groups.resize(bytes / sizeof(gid_t));
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups.data(), &bytes) != 0) return errno;
  return 0;
}

}  // namespace weir::net
