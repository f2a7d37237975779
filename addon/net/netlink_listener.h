// What the kernel, or udev, tells all who listen: device events, and the read-only multicast group
// of audit. Never asks or sets anything.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::net {

enum class NetlinkGroup { kKernelDevices, kUdev, kAudit };

struct NetlinkMessage {
  int64_t time_ns = 0;      // wall clock, when it was taken from the socket
  int64_t boottime_ns = 0;  // the same since boot
  uint16_t type = 0;        // of an audit record; 0 for devices
  std::string bytes;        // audit: the record's text; devices: the message as it came
};

struct NetlinkTaken {
  std::vector<NetlinkMessage> messages;
  uint64_t lost = 0;      // since the last call: no room in the queue
  uint64_t overruns = 0;  // since the last call: times that the kernel had no room for more
};

// Reads on a thread of its own into a bounded queue. The public functions are for one other thread.
class NetlinkListener {
 public:
  // Numbers of audit records that are wanted, first and last of each range; empty: all. A busy
  // audit daemon's rules may make ten thousands of others a second.
  using Ranges = std::vector<std::pair<uint16_t, uint16_t>>;

  NetlinkListener(NetlinkGroup group, Ranges types) : group_(group), types_(std::move(types)) {}
  ~NetlinkListener() { Close(); }
  NetlinkListener(const NetlinkListener&) = delete;
  NetlinkListener& operator=(const NetlinkListener&) = delete;

  // 0, or an errno: EPERM without CAP_AUDIT_READ, EPROTONOSUPPORT in a kernel without audit.
  // `wake` is called on the reading thread when messages wait and none did before.
  int Open(std::function<void()> wake);
  NetlinkTaken Take(size_t most);
  // Joins the thread. What was queued can still be taken.
  void Close();

 private:
  void Run();
  bool Receive();
  bool IsWanted(const NetlinkMessage& message) const;
  void Keep(NetlinkMessage message);

  const NetlinkGroup group_;
  const Ranges types_;
  std::function<void()> wake_;
  std::thread thread_;
  int fd_ = -1;
  int stop_ = -1;  // eventfd
  std::vector<char> buffer_;

  std::mutex mutex_;  // what follows
  std::deque<NetlinkMessage> queue_;
  size_t queued_bytes_ = 0;
  uint64_t lost_ = 0;
  uint64_t overruns_ = 0;
};

}  // namespace weir::net
