// What the kernel said of a process, in the words of the files of /proc that would have been read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sensor/task_facts.h"

namespace weir::tables {

// Appends what `name` (stat, io, cgroup, or "#ids" as in process_ids.h) would say, as far as weir
// reads it: other fields are 0. Its length; nothing when the file must be read.
std::optional<int32_t> AppendFact(const TaskFacts& facts, uint32_t pid, const std::string& name,
                                  std::string* out);

}  // namespace weir::tables
