// Reading one file or link of /proc. Missing and unreadable are empty: the process may be gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir {

// The kernel shows times in units of USER_HZ, which is 100 on every architecture but alpha.
constexpr uint64_t kTickNs = 10'000'000;

// At most `limit` bytes.
std::string ReadProcFile(const std::string& path, size_t limit);

// The kernel's own mark of a deleted file is taken off; what stays may still be such a file's name.
std::string ReadProcLink(const std::string& path);

}  // namespace weir
