// Numbers of the kernel's interface as names, for rows of class kernel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// "SIGTERM", "SIGRTMIN+3"; empty for a number that is none.
std::string SignalName(uint32_t signal);
// "kprobe", "xdp", as bpftool names them; empty for a type that came later.
std::string_view BpfProgramType(uint32_t type);
// "openat" for IORING_OP_OPENAT; empty for operations that are not reported.
std::string_view RingOperation(uint32_t opcode);
// "mnt,pid,user" of CLONE_NEW* bits.
std::string NamespaceNames(uint64_t flags);
// "CAP_SYS_ADMIN,CAP_SYS_PTRACE"; one without a name is "CAP_41".
std::string CapabilityNames(uint64_t bits);

}  // namespace weir
