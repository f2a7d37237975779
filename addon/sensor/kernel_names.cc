#include "sensor/kernel_names.h"

#include <csignal>
#include <cstring>
#include <iterator>

namespace weir {

namespace {

constexpr std::string_view kCapabilities[] = {"CHOWN",
                                              "DAC_OVERRIDE",
                                              "DAC_READ_SEARCH",
                                              "FOWNER",
                                              "FSETID",
                                              "KILL",
                                              "SETGID",
                                              "SETUID",
                                              "SETPCAP",
                                              "LINUX_IMMUTABLE",
                                              "NET_BIND_SERVICE",
                                              "NET_BROADCAST",
                                              "NET_ADMIN",
                                              "NET_RAW",
                                              "IPC_LOCK",
                                              "IPC_OWNER",
                                              "SYS_MODULE",
                                              "SYS_RAWIO",
                                              "SYS_CHROOT",
                                              "SYS_PTRACE",
                                              "SYS_PACCT",
                                              "SYS_ADMIN",
                                              "SYS_BOOT",
                                              "SYS_NICE",
                                              "SYS_RESOURCE",
                                              "SYS_TIME",
                                              "SYS_TTY_CONFIG",
                                              "MKNOD",
                                              "LEASE",
                                              "AUDIT_WRITE",
                                              "AUDIT_CONTROL",
                                              "SETFCAP",
                                              "MAC_OVERRIDE",
                                              "MAC_ADMIN",
                                              "SYSLOG",
                                              "WAKE_ALARM",
                                              "BLOCK_SUSPEND",
                                              "AUDIT_READ",
                                              "PERFMON",
                                              "BPF",
                                              "CHECKPOINT_RESTORE"};

constexpr std::string_view kProgramTypes[] = {"unspec",
                                              "socket_filter",
                                              "kprobe",
                                              "sched_cls",
                                              "sched_act",
                                              "tracepoint",
                                              "xdp",
                                              "perf_event",
                                              "cgroup_skb",
                                              "cgroup_sock",
                                              "lwt_in",
                                              "lwt_out",
                                              "lwt_xmit",
                                              "sock_ops",
                                              "sk_skb",
                                              "cgroup_device",
                                              "sk_msg",
                                              "raw_tracepoint",
                                              "cgroup_sock_addr",
                                              "lwt_seg6local",
                                              "lirc_mode2",
                                              "sk_reuseport",
                                              "flow_dissector",
                                              "cgroup_sysctl",
                                              "raw_tracepoint_writable",
                                              "cgroup_sockopt",
                                              "tracing",
                                              "struct_ops",
                                              "ext",
                                              "lsm",
                                              "sk_lookup",
                                              "syscall",
                                              "netfilter"};

struct NamespaceBit {
  uint64_t bit;
  std::string_view name;
};
constexpr NamespaceBit kNamespaces[] = {
    {0x00020000, "mnt"}, {0x20000000, "pid"}, {0x40000000, "net"},    {0x10000000, "user"},
    {0x04000000, "uts"}, {0x08000000, "ipc"}, {0x02000000, "cgroup"}, {0x00000080, "time"}};

void Append(std::string& list, std::string_view name) {
  if (!list.empty()) list.push_back(',');
  list.append(name);
}

}  // namespace

std::string SignalName(uint32_t signal) {
  const int number = static_cast<int>(signal);
  if (const char* name = sigabbrev_np(number); name != nullptr) return std::string("SIG") + name;
  // The kernel's first, of which libc keeps two for itself.
  constexpr int kFirstRealTime = 32;
  if (number < kFirstRealTime || number > 64) return "";
  return number == kFirstRealTime ? "SIGRTMIN"
                                  : "SIGRTMIN+" + std::to_string(number - kFirstRealTime);
}

std::string_view BpfProgramType(uint32_t type) {
  return type < std::size(kProgramTypes) ? kProgramTypes[type] : std::string_view();
}

std::string_view RingOperation(uint32_t opcode) {
  switch (opcode) {
    case 13:
      return "accept";
    case 16:
      return "connect";
    case 18:
      return "openat";
    case 28:
      return "openat2";
    case 35:
      return "renameat";
    case 36:
      return "unlinkat";
    case 37:
      return "mkdirat";
    case 38:
      return "symlinkat";
    case 39:
      return "linkat";
    case 55:
      return "ftruncate";
    case 56:
      return "bind";
    case 57:
      return "listen";
    default:
      return "";
  }
}

std::string NamespaceNames(uint64_t flags) {
  std::string list;
  for (const NamespaceBit& one : kNamespaces) {
    if (flags & one.bit) Append(list, one.name);
  }
  return list;
}

std::string CapabilityNames(uint64_t bits) {
  std::string list;
  for (size_t i = 0; i < 64; ++i) {
    if ((bits >> i & 1) == 0) continue;
    Append(list, "CAP_");
    list += i < std::size(kCapabilities) ? std::string(kCapabilities[i]) : std::to_string(i);
  }
  return list;
}

}  // namespace weir
