#include "net/netlink_listener.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir::net {

namespace {

constexpr int kReceiveBuffer = 4 << 20;  // the kernel takes memory for it only as it fills
constexpr size_t kDatagram =
    64 << 10;  // audit records have at most 8,970 bytes, device events 8 KiB
constexpr size_t kQueueMessages = 8192;
constexpr size_t kQueueBytes = 8 << 20;
constexpr unsigned kKernelGroup = 1;
constexpr unsigned kUdevGroup = 2;

int64_t Now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

int OpenSocket(NetlinkGroup group, int* opened) {
  const bool audit = group == NetlinkGroup::kAudit;
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                        audit ? NETLINK_AUDIT : NETLINK_KOBJECT_UEVENT);
  if (fd < 0) return errno;
  // Beyond the system's limit with privilege, up to it without.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  const int on = 1;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (audit) {
    address.nl_groups = 1U << (AUDIT_NLGRP_READLOG - 1);
  } else {
    address.nl_groups = group == NetlinkGroup::kUdev ? kUdevGroup : kKernelGroup;
    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) {
    const int error = errno;
    close(fd);
    return error;
  }
  *opened = fd;
  return 0;
}

// udev is root; what the kernel sends has no process.
bool IsTrusted(NetlinkGroup group, const sockaddr_nl& from, msghdr& header) {
  if (group != NetlinkGroup::kUdev) return from.nl_pid == 0;
  if (from.nl_groups == 0) return false;  // to us alone
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
    ucred sender;
    memcpy(&sender, CMSG_DATA(part), sizeof sender);
    return sender.uid == 0;
  }
  return false;
}

}  // namespace

int NetlinkListener::Open(std::function<void()> wake) {
  if (const int error = OpenSocket(group_, &fd_)) return error;
  stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_ < 0) {
    const int error = errno;
    close(fd_);
    fd_ = -1;
    return error;
  }
  wake_ = std::move(wake);
  buffer_.resize(kDatagram);
  thread_ = std::thread([this] { Run(); });
  return 0;
}

void NetlinkListener::Close() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  while (write(stop_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  thread_.join();
  close(fd_);
  close(stop_);
  fd_ = stop_ = -1;
}

void NetlinkListener::Run() {
  pollfd watched[] = {{fd_, POLLIN, 0}, {stop_, POLLIN, 0}};
  for (;;) {
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
    while (Receive()) {
    }
    // After what was there: who stops wants what has been said until then.
    if (watched[1].revents != 0) return;
  }
}

// One datagram; false when none waits.
bool NetlinkListener::Receive() {
  sockaddr_nl from{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
  iovec part = {buffer_.data(), buffer_.size()};
  msghdr header{};
  header.msg_name = &from;
  header.msg_namelen = sizeof from;
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(fd_, &header, 0);
  if (size < 0) {
    if (errno == EINTR) return true;
    if (errno != ENOBUFS) return false;
    const std::lock_guard lock(mutex_);
    ++overruns_;
    return true;
  }
  if (!IsTrusted(group_, from, header)) return true;
  NetlinkMessage message;
  const char* begin = buffer_.data();
  size_t length = static_cast<size_t>(size);
  if (group_ == NetlinkGroup::kAudit) {
    // Kernels differ in what nlmsg_len counts; the datagram holds one record.
    if (length < NLMSG_HDRLEN) return true;
    nlmsghdr record;
    memcpy(&record, begin, sizeof record);
    message.type = record.nlmsg_type;
    begin += NLMSG_HDRLEN;
    length = strnlen(begin, length - NLMSG_HDRLEN);
  }
  if (!IsWanted(message)) return true;
  message.time_ns = Now(CLOCK_REALTIME);
  message.boottime_ns = Now(CLOCK_BOOTTIME);
  message.bytes.assign(begin, length);
  Keep(std::move(message));
  return true;
}

bool NetlinkListener::IsWanted(const NetlinkMessage& message) const {
  return types_.empty() || std::any_of(types_.begin(), types_.end(), [&](const auto& range) {
           return message.type >= range.first && message.type <= range.second;
         });
}

void NetlinkListener::Keep(NetlinkMessage message) {
  bool first;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kQueueMessages || queued_bytes_ + message.bytes.size() > kQueueBytes) {
      ++lost_;
      return;
    }
    first = queue_.empty();
    queued_bytes_ += message.bytes.size();
    queue_.push_back(std::move(message));
  }
  if (first) wake_();
}

NetlinkTaken NetlinkListener::Take(size_t most) {
  const std::lock_guard lock(mutex_);
  NetlinkTaken taken;
  taken.lost = std::exchange(lost_, 0);
  taken.overruns = std::exchange(overruns_, 0);
  while (!queue_.empty() && taken.messages.size() < most) {
    queued_bytes_ -= queue_.front().bytes.size();
    taken.messages.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

}  // namespace weir::net
