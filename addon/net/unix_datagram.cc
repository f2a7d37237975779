#include "net/unix_datagram.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace weir::net {

namespace {

constexpr int kSendBuffer = 8 << 20;  // as systemd's own clients have

// The receiver went away: a new one under the same name needs a new connection.
bool IsGone(int error) {
  return error == ECONNREFUSED || error == ECONNRESET || error == ENOTCONN || error == EPIPE;
}

int WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int MakeSealedFile(std::string_view content, int* fd) {
  *fd = memfd_create("weir-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (*fd < 0) return errno;
  int error = WriteAll(*fd, content);
  if (error == 0 &&
      fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
    error = errno;
  }
  if (error != 0) close(*fd);
  return error;
}

}  // namespace

int UnixDatagram::Connect() {
  if (fd_ >= 0) return 0;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  memcpy(address.sun_path, path_.data(), path_.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  // Beyond the system's limit with privilege, up to it without.
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  }
  // The name of an abstract socket begins with NUL and ends where the address does.
  const bool abstract = !path_.empty() && path_[0] == '\0';
  const socklen_t size = static_cast<socklen_t>(
      abstract ? offsetof(sockaddr_un, sun_path) + path_.size() : sizeof address);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), size) < 0) {
    const int error = errno;
    close(fd);
    return error;
  }
  fd_ = fd;
  return 0;
}

int UnixDatagram::Send(std::string_view message) {
  // Twice: the first time may tell only that the receiver was restarted.
  for (int attempt = 0;; ++attempt) {
    if (const int error = Connect()) return error;
    ssize_t sent;
    do {
      sent = send(fd_, message.data(), message.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return 0;
    const int error = errno;
    if (!IsGone(error)) return error;
    Close();
    if (attempt > 0) return error;
  }
}

int UnixDatagram::SendInFile(std::string_view message) {
  if (const int error = Connect()) return error;
  int file;
  if (const int error = MakeSealedFile(message, &file)) return error;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof file)] = {};
  msghdr header{};
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* passed = CMSG_FIRSTHDR(&header);
  passed->cmsg_level = SOL_SOCKET;
  passed->cmsg_type = SCM_RIGHTS;
  passed->cmsg_len = CMSG_LEN(sizeof file);
  memcpy(CMSG_DATA(passed), &file, sizeof file);
  ssize_t sent;
  do {
    sent = sendmsg(fd_, &header, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  const int error = sent < 0 ? errno : 0;
  close(file);
  if (IsGone(error)) Close();
  return error;
}

void UnixDatagram::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace weir::net
