// A record of bpf/weir.h, checked: nothing after Parse can read outside of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "weir.h"

namespace weir {

// Who told it: the kernel's programs, or a source without eBPF (src/sensor/schema.ts, `source`).
enum class Origin : uint8_t { kKernel, kNetlink, kFanotify, kProc };

// weir_socket_event.result of a source that does not learn why a call failed.
inline constexpr int32_t kFailedSomehow = INT32_MIN;

struct Record {
  union {
    weir_header h;
    weir_exec_event exec;
    weir_fork_event fork;
    weir_exit_event exit;
    weir_socket_event socket;
    weir_file_event file;
    weir_kernel_event kernel;
    weir_dns_event dns;
    weir_behavior_event behavior;
  };
  // Views of the memory given to Parse. Absent strings are empty.
  std::string_view strings[WEIR_STRINGS];
  Origin origin = Origin::kKernel;

  Record() : kernel{} {}
  bool Truncated(int string) const { return (h.flags & WEIR_F_TRUNCATED(string)) != 0; }
  bool FromUser(int string) const { return (h.flags & WEIR_F_USER(string)) != 0; }
};

// Class that a record type belongs to; -1 for none.
int ClassOf(unsigned type);

// False when the size, the type or the string lengths make no sense. The fixed part is copied out,
// as the ring's memory need not be aligned for it.
bool ParseRecord(const void* data, size_t size, Record* record);

}  // namespace weir
