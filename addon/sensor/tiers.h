// Kinds of hooks, and which of them this kernel lets us have at all.
#pragma once

#include <string>
#include <string_view>

#include "sensor/kernel_functions.h"
#include "sensor/preemption.h"

namespace weir {

// Best first.
enum class Tier { kTrampoline, kKprobe, kTracepoint };

std::string_view TierName(Tier tier);
// "best" (trampoline), "kprobe", "tracepoint"; false for anything else.
bool ParseBestTier(std::string_view name, Tier* tier);
// Of a program's section: "fexit/vfs_unlink", "kprobe/vfs_unlink", "tp/syscalls/sys_exit_openat".
Tier TierOfSection(std::string_view section);
// Returns of functions by the graph tracer.
constexpr std::string_view kGraphReturnPrefix = "kretprobe.multi/";
// The kernel's function of such a section; empty for tracepoints and iterators.
std::string FunctionOfSection(std::string_view section);

// Loads and attaches a program of each kind, because nothing else tells: lockdown, configuration
// and architecture all may refuse. Immutable afterwards.
class Tiers {
 public:
  Tiers(const std::string& bpf_directory, Tier best, Preemption preemption = PreemptionOfKernel());

  // Empty: it may be had, though a single function may still refuse. Else why not.
  const std::string& Refusal(Tier tier) const { return refusals_[static_cast<int>(tier)]; }
  // Whether programs may read kernel memory directly; see bpf/lib/read.h.
  bool reads_directly() const { return reads_directly_; }
  // Whether programs may be preempted, so that several of them may be under way on a CPU.
  bool may_preempt() const { return may_preempt_; }
  // Whether tasks are preempted in typed tracepoints, too, which then miss what others do.
  bool misses_tracepoints() const { return misses_tracepoints_; }
  // Whether returns can be had of any number of calls under way; a kretprobe has room for a few.
  bool has_graph_returns() const { return kprobes_.graph_returns; }
  // Whether one program can be attached to many functions at once.
  bool takes_many_functions() const { return kprobes_.many; }

 private:
  bool misses_tracepoints_ = false;
  bool reads_directly_ = false;
  KprobeKinds kprobes_;
  bool may_preempt_ = true;
  std::string refusals_[3];
};

}  // namespace weir
