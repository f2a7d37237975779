#include "sensor/tiers.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>

#include "sensor/kernel_functions.h"
#include "sensor/libbpf_log.h"

namespace weir {
namespace {

// libbpf's own advice for EPERM (raise a limit) misleads: it is lockdown or a missing capability.
std::string Because(const std::string& log, int error) {
  return error == EPERM ? strerror(error) : Reason(log, error);
}

// Why it could not be loaded and attached; empty when it could.
std::string Try(const std::string& path, const char* name) {
  LogCapture log;
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (object == nullptr) return path + ": " + Reason(log.text, errno);
  std::string reason;
  bpf_program* wanted = nullptr;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const bool is_it = strcmp(bpf_program__name(program), name) == 0;
    bpf_program__set_autoload(program, is_it);
    if (is_it) wanted = program;
  }
  if (bpf_object__load(object) != 0) {
    reason = "cannot be loaded: " + Because(log.text, errno);
  } else if (bpf_link* link = bpf_program__attach(wanted); link != nullptr) {
    bpf_link__destroy(link);
  } else {
    const int failure = errno;
    reason = "cannot be attached: " + Because(log.text, failure);
  }
  bpf_object__close(object);
  return reason;
}

}  // namespace

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kTrampoline:
      return "trampoline";
    case Tier::kKprobe:
      return "kprobe";
    default:
      return "tracepoint";
  }
}

bool ParseBestTier(std::string_view name, Tier* tier) {
  if (name == "best") {
    *tier = Tier::kTrampoline;
  } else if (name == "kprobe") {
    *tier = Tier::kKprobe;
  } else if (name == "tracepoint") {
    *tier = Tier::kTracepoint;
  } else {
    return false;
  }
  return true;
}

Tier TierOfSection(std::string_view section) {
  if (section.starts_with("fentry/") || section.starts_with("fexit/") ||
      section.starts_with("lsm/")) {
    return Tier::kTrampoline;
  }
  if (section.starts_with("kprobe/") || section.starts_with("kretprobe/") ||
      section.starts_with(kGraphReturnPrefix)) {
    return Tier::kKprobe;
  }
  return Tier::kTracepoint;
}

std::string FunctionOfSection(std::string_view section) {
  if (TierOfSection(section) == Tier::kTracepoint || section.starts_with("lsm/")) return "";
  return std::string(section.substr(section.find('/') + 1));
}

Tiers::Tiers(const std::string& bpf_directory, Tier best, Preemption preemption)
    : reads_directly_(!ArgumentCounts({"bpf_rdonly_cast"}).empty()),
      kprobes_(KprobeKindsOfKernel()) {
  const std::string path = bpf_directory + "/tiers.probe.bpf.o";
  const struct {
    Tier tier;
    const char* program;
  } trials[] = {{Tier::kTrampoline, "trial_trampoline"}, {Tier::kKprobe, "trial_kprobe"}};
  for (const auto& [tier, program] : trials) {
    refusals_[static_cast<int>(tier)] =
        tier < best ? "switched off by sensor.tiers" : Try(path, program);
  }
  may_preempt_ = preemption.possible;
  misses_tracepoints_ = preemption.now && preemption.in_tracepoints;
  std::string& trampoline = refusals_[static_cast<int>(Tier::kTrampoline)];
  // The kernel skips a program behind a trampoline while a run of it is under way on the CPU:
  // whoever is preempted there hides what others do meanwhile. Kprobes and classic tracepoints keep
  // the CPU. (bpf_preempt_enable() is no help: it lets others in before the run counts as over.)
  if (preemption.now && trampoline.empty()) {
    trampoline = "this kernel preempts programs, and skips further runs of them meanwhile";
  }
}

}  // namespace weir
