// Names of the system calls that the kernel programs trace.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

// Empty for calls that are not traced. `number` in this machine's own numbering.
std::string_view SyscallName(uint32_t number);

}  // namespace weir
