#include "tables/fact_text.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

namespace weir::tables {
namespace {

constexpr uint64_t kNanosecondsPerTick = 10'000'000;
constexpr uint64_t kPage = 4096;

// Bits of task_struct's state, the same since Linux 4.14.
constexpr uint32_t kReported = 0x7f;
constexpr uint32_t kUninterruptible = 0x2;
constexpr uint32_t kIdle = 0x402;
constexpr uint32_t kIdleReport = 0x80;
constexpr uint32_t kWaitsForLock = 0x1000;
constexpr uint32_t kFrozen = 0x8000;

// As task_state_index() of include/linux/sched.h.
char StateLetter(const weir_task_fact& fact) {
  uint32_t state = (fact.state | fact.exit_state) & kReported;
  if ((fact.state & kIdle) == kIdle) state = kIdleReport;
  if ((fact.state & (kWaitsForLock | kFrozen)) != 0) state = kUninterruptible;
  return "RSDTtXZPI"[std::bit_width(state)];
}

struct Times {
  uint64_t user, system;
};

// As cputime_adjust() of kernel/sched/cputime.c: ticks say how the exact time is divided, and what
// was shown once never gets less.
Times Adjusted(const weir_task_fact& fact) {
  const uint64_t total = fact.exec_runtime + fact.group_exec_runtime;
  const uint64_t user = fact.utime + fact.group_utime;
  uint64_t system = fact.stime + fact.group_stime;
  if (fact.shown_utime + fact.shown_stime >= total) return {fact.shown_utime, fact.shown_stime};
  if (user == 0) {
    system = total;
  } else if (system != 0) {
    const auto product = static_cast<unsigned __int128>(system) * total;
    system = static_cast<uint64_t>(product / (system + user));
  }
  system = std::max<uint64_t>(system, fact.shown_stime);
  if (total - system >= fact.shown_utime) return {total - system, system};
  return {fact.shown_utime, total - fact.shown_utime};
}

template <typename... Values>
int32_t Print(std::string* out, const char* format, Values... values) {
  char text[400];
  const int size = std::snprintf(text, sizeof text, format, values...);
  out->append(text, size);
  return size;
}

using Number = unsigned long long;

int32_t Stat(const weir_task_fact& fact, std::string* out) {
  const Times times = Adjusted(fact);
  const std::string name(fact.comm, strnlen(fact.comm, sizeof fact.comm));
  const size_t before = out->size();
  *out += std::to_string(fact.pid) + " (" + name + ") ";
  Print(out, "%c %u %u 0 0 0 0 0 0 0 0 %llu %llu 0 0 0 %d %u 0 %llu %llu %llu", StateLetter(fact),
        fact.parent_pid, fact.pgid, Number{times.user / kNanosecondsPerTick},
        Number{times.system / kNanosecondsPerTick}, fact.nice, fact.threads,
        Number{fact.start_time / kNanosecondsPerTick},
        Number{fact.has_memory ? fact.total_pages * kPage : 0},
        Number{fact.has_memory ? fact.resident_pages : 0});
  return static_cast<int32_t>(out->size() - before);
}

int32_t Io(const weir_task_fact& fact, std::string* out) {
  return Print(out, "\nread_bytes: %llu\nwrite_bytes: %llu\ncancelled_write_bytes: %llu\n",
               Number{fact.read_bytes + fact.group_read_bytes},
               Number{fact.write_bytes + fact.group_write_bytes},
               Number{fact.cancelled_write_bytes + fact.group_cancelled_write_bytes});
}

}  // namespace

std::optional<int32_t> AppendFact(const TaskFacts& facts, uint32_t pid, const std::string& name,
                                  std::string* out) {
  const TaskFact* task = facts.Find(pid);
  if (task == nullptr) return std::nullopt;
  const weir_task_fact& fact = task->fact;
  // The name of a kernel thread says what it works at, which only the file knows.
  if (name == "stat" && !fact.is_kernel_thread) return Stat(fact, out);
  if (name == "io") return Io(fact, out);
  if (name == "#ids") {
    return Print(out, "%u %u %u %u %u %u", fact.uid, fact.euid, fact.suid, fact.gid, fact.egid,
                 fact.sgid);
  }
  if (name == "@root" || name == "@cwd") {
    const std::string& path = facts.PathOf(name == "@root" ? fact.root : fact.cwd);
    if (path.empty()) return std::nullopt;
    *out += path;
    return static_cast<int32_t>(path.size());
  }
  if (name == "cgroup" && task->has_cgroup) {
    const size_t before = out->size();
    *out += "0::" + task->cgroup + "\n";
    return static_cast<int32_t>(out->size() - before);
  }
  return std::nullopt;
}

}  // namespace weir::tables
