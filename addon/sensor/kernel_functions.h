// What the running kernel's types say of its functions.
#pragma once

#include <map>
#include <set>
#include <string>

namespace weir {

// How many arguments each of these functions takes; those that the kernel does not have are absent.
std::map<std::string, int> ArgumentCounts(const std::set<std::string>& functions);

// Since 6.16 the tracepoint sched_process_exit has an argument group_dead.
bool ExitSaysGroupDead();

}  // namespace weir
