// The process connector: the kernel's own broadcast of forks, execs, exits and changes of ids.
#pragma once

#include <linux/cn_proc.h>

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

namespace weir {

class Connector {
 public:
  ~Connector() { Close(); }

  // False with `why`. Needs CAP_NET_ADMIN and the initial pid, user and network namespaces.
  bool Open(std::string* why);
  int fd() const { return fd_; }
  // Every event that waits, in the order of each CPU, until `each` returns false. Returns how many
  // the kernel dropped since the last call: it numbers them by CPU, threads' events included.
  uint64_t Read(const std::function<bool(const proc_event&)>& each);
  void Close();

 private:
  bool Listen(bool on);
  uint64_t Missed(uint32_t cpu, uint32_t number);

  int fd_ = -1;
  std::unordered_map<uint32_t, uint32_t> next_;  // by CPU: the number that comes next
};

}  // namespace weir
