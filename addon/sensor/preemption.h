// Whether the kernel takes the CPU from a program in the middle of its run.
#pragma once

#include <string_view>

namespace weir {

struct Preemption {
  bool possible = true;  // it is built to, even if it does not now
  bool now = true;
  bool in_tracepoints = true;  // where it preempts, it does so in typed tracepoints, too
};

// Of the running kernel. What cannot be told is taken for yes.
Preemption PreemptionOfKernel();

// `version`: the kernel's, as uname(2) gives it; `mode`: debugfs' sched/preempt, where the mode in
// force stands in parentheses ("none (voluntary) full lazy"), empty when it could not be read.
// `release`: the kernel's, "7.0.2-cloud-amd64".
Preemption PreemptionOf(std::string_view version, std::string_view mode,
                        std::string_view release = "");

}  // namespace weir
