#include "sensor/netlink/connector.h"

#include <linux/connector.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir {

namespace {

// What piles up while one exec is being looked up in /proc: some 40,000 events.
constexpr int kBufferBytes = 32 << 20;

}  // namespace

bool Connector::Open(std::string* why) {
  const auto fail = [&](const char* step) {
    *why = std::string(step) + ": " + strerror(errno);
    Close();
    return false;
  };
  fd_ = socket(PF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
  if (fd_ < 0) return fail("the kernel has no connector");
  setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof kBufferBytes);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return fail("process events cannot be subscribed to");
  }
  return Listen(true) || fail("process events cannot be switched on");
}

bool Connector::Listen(bool on) {
  const proc_cn_mcast_op operation = on ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE;
  nlmsghdr netlink = {};
  cn_msg connector = {};
  char message[NLMSG_LENGTH(sizeof connector + sizeof operation)];
  netlink.nlmsg_len = sizeof message;
  netlink.nlmsg_type = NLMSG_DONE;
  connector.id = {CN_IDX_PROC, CN_VAL_PROC};
  connector.len = sizeof operation;
  memcpy(message, &netlink, sizeof netlink);
  memcpy(message + NLMSG_HDRLEN, &connector, sizeof connector);
  memcpy(message + NLMSG_LENGTH(sizeof connector), &operation, sizeof operation);
  return send(fd_, message, sizeof message, 0) == static_cast<ssize_t>(sizeof message);
}

uint64_t Connector::Missed(uint32_t cpu, uint32_t number) {
  const auto [entry, first] = next_.try_emplace(cpu, number);
  const uint32_t gap = number - entry->second;
  entry->second = number + 1;
  // A number from before: another listener came or went, and counting began anew.
  return first || gap > UINT32_MAX / 2 ? 0 : gap;
}

uint64_t Connector::Read(const std::function<bool(const proc_event&)>& each) {
  uint64_t missed = 0;
  alignas(nlmsghdr) char buffer[16384];
  for (bool more = true; more;) {
    sockaddr_nl from = {};
    socklen_t from_size = sizeof from;
    const ssize_t size =
        recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) {
      // The buffer ran over; the numbers of what follows say by how much.
      if (errno == ENOBUFS || errno == EINTR) continue;
      return missed;
    }
    // Anybody may send to a netlink socket that they can name: only the kernel is believed.
    if (from.nl_pid != 0) continue;
    auto left = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_len < NLMSG_LENGTH(sizeof(cn_msg))) continue;
      const auto* message = static_cast<const cn_msg*>(NLMSG_DATA(header));
      const size_t room = header->nlmsg_len - NLMSG_LENGTH(sizeof(cn_msg));
      if (message->id.idx != CN_IDX_PROC || message->len > room || message->len == 0) continue;
      // The kernel's struct may be shorter or longer than the header we were built with.
      proc_event event = {};
      memcpy(&event, message->data, message->len < sizeof event ? message->len : sizeof event);
      // The answer to our own request has no number.
      if (event.what == proc_event::PROC_EVENT_NONE) continue;
      missed += Missed(event.cpu, message->seq);
      more &= each(event);
    }
  }
  return missed;
}

void Connector::Close() {
  if (fd_ < 0) return;
  Listen(false);
  close(fd_);
  fd_ = -1;
}

}  // namespace weir
