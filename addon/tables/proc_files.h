// Small files of many processes at once: what takes Node one call per file takes one here, on as
// many threads as the machine has cores. The kernel's part is most of the time: /proc/PID/status
// alone is written anew for each reader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sensor/task_facts.h"

namespace weir::tables {

// Contents one behind the other, process by process and name by name.
struct ProcFiles {
  std::string bytes;
  std::vector<int32_t> lengths;  // of each; minus the errno when it could not be read
};

// `names` are below /proc/PID/: a file's contents, at most `limit` bytes; with @ before it, where
// the link leads; "#ids" is what process_ids.h says. `root` stands for /; '' is the host. What
// `facts` say is not read again; nullptr: there are none.
ProcFiles ReadProcFiles(const std::string& root, const std::vector<uint32_t>& pids,
                        const std::vector<std::string>& names, size_t limit,
                        const TaskFacts* facts);

// Open files of many processes: where each link in /proc/PID/fd leads.
struct OpenFiles {
  std::string bytes;
  std::vector<int32_t> processes;  // index into pids
  std::vector<int32_t> fds;
  std::vector<int32_t> lengths;  // of the link's text
  std::vector<int32_t> errors;   // of each process: errno, 0 when its folder was read
};
OpenFiles ReadOpenFiles(const std::string& root, const std::vector<uint32_t>& pids);

}  // namespace weir::tables
