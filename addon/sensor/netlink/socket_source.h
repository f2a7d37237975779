// Sockets without eBPF: looked at many times a second, and told by the kernel when they end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sensor/netlink/inet_diag.h"
#include "sensor/netlink/scope.h"
#include "sensor/netlink/socket_owners.h"
#include "sensor/netlink/source.h"
#include "sensor/netlink/task_table.h"

namespace weir {

class SocketSource : public Source {
 public:
  // `catch_up` as for FileSource.
  SocketSource(TaskTable& tasks, Scope& scope, Sink& sink, std::function<void()> catch_up);
  ~SocketSource() override;

  // Of the own network namespace. Any thread, before Begin.
  bool Open(std::string* why);

  void Begin() override;
  std::vector<int> Descriptors() const override;
  void Pass(bool drain) override;
  int TimeoutMs() const override;

 private:
  struct Known {
    DiagSocket socket;
    bool told = false;         // its row, or rows, are made
    bool in_progress = false;  // a connect without an outcome yet
    uint32_t pid = 0;
    uint64_t look = 0;  // number of the look that saw it last
  };
  struct Space {
    InetDiag diag;
    bool seeded = false;
    std::unordered_map<uint64_t, Known> sockets;  // by cookie
    std::unordered_set<uint16_t> listening;       // TCP ports
  };
  using Spaces = std::unordered_map<uint32_t, Space>;

  void FindSpaces();
  bool Enter(uint32_t net_ns, uint32_t pid);
  void Look();
  void LookAt(uint32_t net_ns, Space& space, std::vector<std::pair<uint32_t, uint64_t>>* fresh);
  void Ended(uint32_t net_ns, Space& space, const DiagSocket& socket);
  bool WasAccepted(const Space& space, const DiagSocket& socket, bool ended) const;
  void Tell(uint32_t net_ns, Space& space, Known& known, const SocketOwner& owner, bool ended);
  void Emit(uint32_t net_ns, const DiagSocket& socket, const SocketOwner& owner, uint16_t type,
            int32_t result, bool operation);

  TaskTable& tasks_;
  Scope& scope_;
  Sink& sink_;
  const std::function<void()> catch_up_;
  uint16_t first_ephemeral_ = 32768;
  uint16_t last_ephemeral_ = 60999;
  int own_ = -1;  // descriptor of the own network namespace
  uint32_t own_ns_ = 0;
  Spaces spaces_;
  uint64_t look_ = 0;
  int64_t next_look_ = 0;
  int64_t next_spaces_ = 0;
};

}  // namespace weir
