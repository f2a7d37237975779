#include "tables/route_dump.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace weir::tables {

namespace {

constexpr int kAttempts = 4;
constexpr size_t kBuffer = 256 << 10;  // the kernel's messages are smaller
constexpr size_t kLimit = 256 << 20;   // a full routing table of the internet has a million routes

int Ask(int fd, uint16_t type) {
  struct {
    nlmsghdr header;
    rtmsg body;
  } request = {};
  static_assert(sizeof(rtmsg) >= sizeof(rtgenmsg));
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = 1;
  return send(fd, &request, sizeof request, 0) < 0 ? -errno : 0;
}

// 1: the end; 0: more follows; else minus the errno.
int Take(char* bytes, int size, bool* changed, std::string* messages) {
  auto* header = reinterpret_cast<nlmsghdr*>(bytes);
  for (; NLMSG_OK(header, static_cast<unsigned>(size)); header = NLMSG_NEXT(header, size)) {
    if (header->nlmsg_flags & NLM_F_DUMP_INTR) *changed = true;
    if (header->nlmsg_type == NLMSG_DONE) return 1;
    if (header->nlmsg_type == NLMSG_ERROR) {
      if (header->nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return -EPROTO;
      return static_cast<nlmsgerr*>(NLMSG_DATA(header))->error;
    }
    messages->append(reinterpret_cast<char*>(header), NLMSG_ALIGN(header->nlmsg_len));
    if (messages->size() > kLimit) return -EMSGSIZE;
  }
  return 0;
}

int Answers(int fd, bool* changed, std::string* messages) {
  std::vector<char> buffer(kBuffer);
  for (;;) {
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return -errno;
    if (static_cast<size_t>(size) > buffer.size()) return -EMSGSIZE;
    const int rc = Take(buffer.data(), static_cast<int>(size), changed, messages);
    if (rc != 0) return rc < 0 ? rc : 0;
  }
}

}  // namespace

int RouteDump(uint16_t type, std::string* messages) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  const timeval patience = {5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  // Strict checking (Linux 4.20) would want another body for each type; without it all take this.
  int rc = -EINTR;
  for (int i = 0; i < kAttempts && rc == -EINTR; ++i) {
    bool changed = false;
    messages->clear();
    rc = Ask(fd, type);
    if (rc == 0) rc = Answers(fd, &changed, messages);
    if (rc == 0 && changed) rc = -EINTR;
  }
  close(fd);
  return rc;
}

}  // namespace weir::tables
