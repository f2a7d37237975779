// What /proc tells about a running process, for those that weir met too late.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

struct ProcFacts {
  std::string exe;        // empty for kernel threads
  std::string arguments;  // each ended by NUL, at most WEIR_ARGV_MAX bytes
  bool arguments_cut = false;
  std::string cwd;
  uint32_t parent_pid = 0;
  uint32_t pgid = 0;
  uint32_t session_id = 0;
};

class ProcReader {
 public:
  // `root` stands for /proc, so that tests can bring their own.
  explicit ProcReader(std::string root = "/proc");
  // Nothing when the process is gone or when the pid is somebody else's by now: `start_time` (ns
  // since boot) is compared before and after reading.
  std::optional<ProcFacts> Read(uint32_t pid, uint64_t start_time) const;
  // False when nobody has the pid. True when that cannot be found out.
  bool Exists(uint32_t pid) const;

 private:
  std::string root_;
};

}  // namespace weir
