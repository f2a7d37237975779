#include "sensor/netlink/inet_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace weir {

namespace {

constexpr int kEndedBytes = 4 << 20;
constexpr int kCgroupId = 21;  // INET_DIAG_CGROUP_ID, 5.8
// TIME_WAIT and half-made ones have no owner any more, or not yet.
constexpr uint32_t kStates = 0xffffffffu & ~(1u << 6) & ~(1u << 3) & ~(1u << 12);

bool Parse(nlmsghdr* header, int protocol, DiagSocket* out) {
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return false;
  const auto* message = static_cast<const inet_diag_msg*>(NLMSG_DATA(header));
  out->cookie = uint64_t{message->id.idiag_cookie[1]} << 32 | message->id.idiag_cookie[0];
  out->inode = message->idiag_inode;
  out->uid = message->idiag_uid;
  out->family = message->idiag_family;
  out->protocol = static_cast<uint16_t>(protocol);
  out->local_port = ntohs(message->id.idiag_sport);
  out->remote_port = ntohs(message->id.idiag_dport);
  out->state = message->idiag_state;
  memcpy(out->local, message->id.idiag_src, sizeof out->local);
  memcpy(out->remote, message->id.idiag_dst, sizeof out->remote);
  auto left = static_cast<int>(header->nlmsg_len - NLMSG_LENGTH(sizeof *message));
  auto* attribute = reinterpret_cast<rtattr*>(static_cast<char*>(NLMSG_DATA(header)) +
                                              NLMSG_ALIGN(sizeof *message));
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const auto* data = static_cast<const char*>(RTA_DATA(attribute));
    const size_t size = RTA_PAYLOAD(attribute);
    if (attribute->rta_type == kCgroupId && size >= sizeof out->cgroup) {
      memcpy(&out->cgroup, data, sizeof out->cgroup);
    } else if (attribute->rta_type == INET_DIAG_PROTOCOL && size >= 1) {
      out->protocol = static_cast<uint8_t>(*data);
    } else if (attribute->rta_type == INET_DIAG_INFO && size >= offsetof(tcp_info, tcpi_segs_out)) {
      tcp_info info = {};
      memcpy(&info, data, std::min(size, sizeof info));
      out->answered = info.tcpi_bytes_acked > 0 || info.tcpi_bytes_received > 0;
      if (size >= offsetof(tcp_info, tcpi_bytes_retrans) + sizeof info.tcpi_bytes_retrans) {
        const uint64_t data = info.tcpi_bytes_sent - info.tcpi_bytes_retrans;
        const uint64_t more = info.tcpi_bytes_acked - data;
        if (info.tcpi_bytes_acked >= data && more <= 2) out->beyond_data = static_cast<int>(more);
      }
    }
  }
  return true;
}

}  // namespace

InetDiag::~InetDiag() {
  if (query_ >= 0) close(query_);
  if (ended_ >= 0) close(ended_);
}

bool InetDiag::Open(std::string* why) {
  query_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  ended_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  if (query_ < 0 || ended_ < 0) {
    *why = std::string("the kernel has no sock_diag: ") + strerror(errno);
    return false;
  }
  const timeval patience = {1, 0};
  setsockopt(query_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(ended_, SOL_SOCKET, SO_RCVBUFFORCE, &kEndedBytes, sizeof kEndedBytes);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  for (const int group : {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY,
                          SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY}) {
    address.nl_groups |= 1u << (group - 1);
  }
  if (bind(ended_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  *why = std::string("ends of sockets cannot be subscribed to: ") + strerror(errno);
  return false;
}

bool InetDiag::Dump(int family, int protocol, const std::function<void(const DiagSocket&)>& each) {
  struct {
    nlmsghdr netlink;
    inet_diag_req_v2 request;
  } message = {};
  static uint32_t next = 0;
  const uint32_t number = __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED);
  message.netlink.nlmsg_len = sizeof message;
  message.netlink.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.netlink.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.netlink.nlmsg_seq = number;
  message.request.sdiag_family = static_cast<__u8>(family);
  message.request.sdiag_protocol = static_cast<__u8>(protocol);
  message.request.idiag_states = kStates;
  if (send(query_, &message, sizeof message, 0) != static_cast<ssize_t>(sizeof message)) {
    return false;
  }
  alignas(nlmsghdr) char buffer[32768];
  for (;;) {
    const ssize_t size = recv(query_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    auto left = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      // An answer to an earlier question that we gave up on.
      if (header->nlmsg_seq != number) continue;
      if (header->nlmsg_type == NLMSG_DONE) return true;
      if (header->nlmsg_type == NLMSG_ERROR) return false;
      DiagSocket socket;
      if (Parse(header, protocol, &socket)) each(socket);
    }
  }
}

int InetDiag::ReadEnded(const std::function<void(const DiagSocket&)>& each) {
  int dropped = 0;
  alignas(nlmsghdr) char buffer[16384];
  for (;;) {
    sockaddr_nl from = {};
    socklen_t from_size = sizeof from;
    const ssize_t size =
        recvfrom(ended_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) {
      if (errno == ENOBUFS) ++dropped;
      if (errno == ENOBUFS || errno == EINTR) continue;
      return dropped;
    }
    if (from.nl_pid != 0) continue;
    auto left = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      DiagSocket socket;
      if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY && Parse(header, 0, &socket)) each(socket);
    }
  }
}

}  // namespace weir
