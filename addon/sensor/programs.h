// The kernel programs: loads build/bpf/*.bpf.o, attaches them, configures and reads their maps.
// No Node and no decoding in here. Not thread-safe: one owner, except where a method says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sensor/task_iterator.h"
#include "sensor/tiers.h"
#include "weir.h"

namespace weir {

// Why something could not be done. Codes: BPF_OBJECT_MISSING, BPF_NOT_PERMITTED, BPF_UNSUPPORTED
// (no BTF, no ring buffer, ...), BPF_LOAD_FAILED, BPF_ATTACH_FAILED, BPF_MAP_FAILED.
struct ProgramsError {
  std::string code;
  std::string message;
};

// One program at one hook, as part of the way that an event is had by. A program with several hooks
// shows its times at the first of them; they are 0 while kernel statistics are off.
struct Hook {
  std::string event;  // "open", "unlink, rmdir", ...
  std::string program;
  std::string hook;     // "tp_btf/sched_process_exec", "tp/syscalls/sys_exit_openat", "iter/task"
  std::string variant;  // how it reads kernel memory: "direct" or "probe"; see bpf/lib/read.h
  std::string tier;     // "trampoline", "kprobe", "tracepoint"
  std::string
      why_not_better;   // of each better tier that the event could have; empty: it has the best
  bool wanted = false;  // a class that it feeds is on
  bool attached = false;
  std::string reason;    // why not; empty when attached
  uint32_t classes = 0;  // WEIR_ON() bits of the classes it feeds
  uint64_t run_time_ns = 0;
  uint64_t run_count = 0;
  uint64_t recursion_misses = 0;
};

// What an exclusion's map holds: for which classes, and where what it leaves out is counted.
template <typename Key>
struct Exclusion {
  Key key;
  uint32_t classes;
  uint32_t slot;
};

// What the kernel keeps and drops. Programs derives struct weir_config from it, so that the
// "this map holds entries" bytes can never disagree with the maps. `classes`: WEIR_ON() bits.
struct KernelSettings {
  uint32_t classes = WEIR_ON(WEIR_CLASS_PROCESS) | WEIR_ON(WEIR_CLASS_LIFECYCLE) |
                     WEIR_ON(WEIR_CLASS_SOCKET) | WEIR_ON(WEIR_CLASS_FILE);
  uint32_t own_pid = 0;  // 0: the calling process
  std::vector<uint32_t> own_pids;
  // Scope: nothing outside is even seen. Both empty: everything.
  std::vector<uint64_t> only_cgroups;
  std::vector<weir_exe_key> only_exes;
  std::vector<Exclusion<uint64_t>> not_cgroups;
  std::vector<Exclusion<weir_exe_key>> not_exes;
  std::vector<Exclusion<uint32_t>> not_uids;
  std::vector<Exclusion<uint16_t>> not_ports;
  std::vector<Exclusion<weir_address_key>> not_addresses;
  std::vector<Exclusion<std::string>> not_prefixes;  // at most WEIR_PREFIX_MAX bytes each
  std::vector<std::string> read_prefixes;            // at most WEIR_PREFIX_MAX bytes each
  bool unix_sockets = false;
  uint64_t send_window_ns = 10'000'000'000;
  // Opens and closes of the same file by the same process: so many a second are records of their
  // own, then one an interval. 0: all are.
  uint64_t repeat_interval_ns = 0;
  uint32_t repeat_burst = 0;
  // Events a second of one session and of one cgroup, and how many more at once; not of process and
  // lifecycle. 0: no limit.
  uint32_t tree_rate = 0;
  uint32_t cgroup_rate = 0;
  uint32_t rate_burst = 0;
  weir_behavior_config behavior = {};
  std::vector<weir_exe_key> protected_exes;  // never killed or stopped
};

// Totals over all CPUs since Load.
struct KernelCounters {
  int64_t values[WEIR_CLASSES][WEIR_COUNTERS] = {};
  int64_t recursion_misses[WEIR_CLASSES] = {};
  int64_t excluded[WEIR_EXCLUSION_SLOTS] = {};  // by slot
};

class Programs {
 public:
  Programs();
  ~Programs();  // detaches and closes everything
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  // Loads each of Families() in its fastest variant that this kernel accepts. False when not even
  // the one that the others need loads; any other that is missing only shows in hooks().
  // Each event comes by the best tier from `best` downwards that this kernel lets it have.
  bool Load(const std::string& bpf_directory, Tier best, ProgramsError* error);
  // Attaches what the switched-on classes need and can be had. False only when something is wanted
  // and nothing at all could be attached. Call SetConfig before: until then no class is on.
  bool Attach(ProgramsError* error);
  // Switches every class off first, so that the counters are at rest on return; SetConfig before
  // attaching again. The kernel lets go of the programs up to some seconds later.
  void Detach();

  // Replaces filters and switches; effective at once. Once Attach was called, hooks that only
  // classes now switched off need are detached, and those that newly switched-on ones need are
  // attached.
  bool SetConfig(const KernelSettings& settings, ProgramsError* error);

  // Any thread.
  KernelCounters ReadCounters() const;
  std::vector<Hook> hooks() const;

  // While the returned descriptor is open the kernel keeps run times (it costs every BPF program of
  // the host). -1: not to be had. The caller closes it.
  static int EnableRunStatistics();

  // Rings for mmap or ring_buffer__new(). The programs wake the reader at most once per
  // WEIR_WAKE_WINDOW_NS; so after any wake-up the reader must go on looking at both rings every few
  // milliseconds until twice that window has passed, and may only then sleep without a timeout.
  int lifecycle_ring_fd() const;
  int noise_ring_fd() const;

  // The reader of the lifecycle ring has read something at `time` (ns, CLOCK_BOOTTIME) and will go
  // on looking for twice the window: until one has passed the programs spare its wake-ups, each of
  // which interrupts the process that forks. The other ring's go on: they measure how full it is.
  // Any thread.
  void ReaderIsAwake(int64_t time) const;

  // Who runs now; null when the iterator cannot be had. Ask after Attach, so that nothing falls
  // between what it finds and the events.
  std::unique_ptr<TaskIterator> Tasks() const;

  // Forks, execs and exits that had no room in the ring or the scratch pool, since Load. Any
  // thread.
  int64_t LostProcesses() const;

  // (dev, inode) as the kernel's filters compare them. False when the path cannot be stat()ed.
  static bool ExeKey(const std::string& path, weir_exe_key* key);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
