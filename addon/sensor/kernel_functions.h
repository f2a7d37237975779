// What the running kernel's types say of its functions.
#pragma once

#include <map>
#include <set>
#include <string>

namespace weir {

// How many arguments each of these functions takes; those that the kernel does not have are absent.
std::map<std::string, int> ArgumentCounts(const std::set<std::string>& functions);

struct KprobeKinds {
  // One program at any number of functions: since 5.18.
  bool many = false;
  // Since 6.14 returns that are asked for that way come by the graph tracer, without the limit of
  // calls under way that kretprobes have.
  bool graph_returns = false;
};
KprobeKinds KprobeKindsOfKernel();

// Since 6.16 the tracepoint sched_process_exit has an argument group_dead.
bool ExitSaysGroupDead();

}  // namespace weir
