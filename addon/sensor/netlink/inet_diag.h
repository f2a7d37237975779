// sock_diag of one network namespace: which sockets there are, and which have just ended.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace weir {

struct DiagSocket {
  uint64_t cookie = 0;
  uint64_t inode = 0;   // 0: no process has it
  uint64_t cgroup = 0;  // of its maker; 0: not told
  uint32_t uid = 0;
  uint16_t family = 0;
  uint16_t protocol = 0;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  uint8_t state = 0;      // TCP_*
  bool answered = false;  // ended ones: the other side has acknowledged something
  // Ended ones: what it acknowledged beyond data. Who connected had its SYN acknowledged and maybe
  // its FIN (1 or 2), who accepted only a FIN (0 or 1). -1: not told.
  int beyond_data = -1;
  uint8_t local[16] = {};
  uint8_t remote[16] = {};
};

class InetDiag {
 public:
  InetDiag() = default;
  InetDiag(InetDiag&& other) noexcept
      : query_(std::exchange(other.query_, -1)), ended_(std::exchange(other.ended_, -1)) {}
  InetDiag& operator=(InetDiag&&) = delete;
  ~InetDiag();

  // In the calling thread's network namespace, which is held from then on. False with `why`.
  bool Open(std::string* why);
  // Readable when sockets have ended.
  int fd() const { return ended_; }
  // All sockets of a family and protocol. False when the kernel did not tell all.
  bool Dump(int family, int protocol, const std::function<void(const DiagSocket&)>& each);
  // Those that have ended since the last call. Returns how often the kernel dropped some.
  int ReadEnded(const std::function<void(const DiagSocket&)>& each);

 private:
  int query_ = -1;
  int ended_ = -1;
};

}  // namespace weir
