#include "sensor/netlink/lifecycle_source.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_set>

#include "sensor/clock.h"
#include "sensor/netlink/pack.h"
#include "sensor/proc_file.h"

namespace weir {

namespace {

constexpr int kNice = -15;
constexpr size_t kMostHeard = 1024;

std::vector<uint32_t> AllPids() {
  std::vector<uint32_t> pids;
  DIR* directory = opendir("/proc");
  if (directory == nullptr) return pids;
  while (const dirent* entry = readdir(directory)) {
    char* end = nullptr;
    const unsigned long pid = strtoul(entry->d_name, &end, 10);
    if (*end == '\0' && pid > 0) pids.push_back(static_cast<uint32_t>(pid));
  }
  closedir(directory);
  // Parents have been there before their children, mostly.
  std::ranges::sort(pids);
  return pids;
}

// As the kernel names terminals.
void SetTty(uint32_t device, char* name) {
  const uint32_t major = device >> 8 & 0xfff;
  const uint32_t minor = (device & 0xff) | (device >> 12 & 0xfff00);
  if (major >= 136 && major <= 143) {
    snprintf(name, WEIR_TTY_LEN, "pts%u", (major - 136) * 256 + minor);
  } else if (major == 4) {
    snprintf(name, WEIR_TTY_LEN, minor < 64 ? "tty%u" : "ttyS%u", minor < 64 ? minor : minor - 64);
  }
}

std::string ExecRecord(const Task& task, const TaskImage& image, uint16_t type, uint64_t time) {
  weir_exec_event e = {};
  e.h = HeaderOf(task, type, time);
  e.parent_pid = task.parent_pid;
  e.parent_start_time = task.parent_start_time;
  e.pgid = task.pgid, e.sid = task.sid, e.ns_pid = task.ns_pid;
  e.pid_ns = task.pid_ns, e.net_ns = task.net_ns, e.user_ns = task.user_ns;
  e.uts_ns = task.uts_ns, e.cgroup_ns = task.cgroup_ns;
  e.exe_dev = image.dev, e.exe_ino = image.ino, e.exe_size = image.size;
  e.exe_atime = image.atime, e.exe_mtime = image.mtime, e.exe_ctime = image.ctime;
  e.exe_mode = image.mode, e.exe_uid = image.uid, e.exe_gid = image.gid, e.exe_nlink = image.nlink;
  e.argv_size = image.arguments_size;
  if (image.arguments_cut) e.h.flags |= WEIR_F_TRUNCATED(4);
  SetTty(task.tty, e.tty);
  return Pack(e, {image.exe, image.cwd, "", "", image.arguments});
}

}  // namespace

LifecycleSource::LifecycleSource(TaskTable& tasks, Scope& scope, Sink& sink)
    : tasks_(tasks), scope_(scope), sink_(sink) {}

void LifecycleSource::Seed() {
  for (const uint32_t pid : AllPids()) {
    TaskImage image;
    const auto task = ReadTask(pid, &image);
    if (!task) continue;
    tasks_.Put(*task);
    if (scope_.IsOwn(pid)) continue;
    sink_.Seed(ExecRecord(*task, image, WEIR_TASK, task->read_at), Origin::kProc);
  }
  sink_.SeedDone();
}

// Ahead of the processes that it reads about, or they are gone.
void LifecycleSource::Begin() { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice); }

void LifecycleSource::Pass(bool) {
  to_boottime_ = Nanoseconds(CLOCK_BOOTTIME) - Nanoseconds(CLOCK_MONOTONIC);
  sink_.BeginPass();
  // Images are read before anything else is done: whoever lives briefly is still there now.
  const uint64_t missed = connector_.Read([this](const proc_event& event) {
    Heard& heard = heard_.emplace_back();
    heard.event = event;
    if (event.what == proc_event::PROC_EVENT_EXEC) {
      const auto pid = static_cast<uint32_t>(event.event_data.exec.process_tgid);
      heard.task = ReadTask(pid, &heard.image);
    }
    return heard_.size() < kMostHeard;
  });
  for (const Heard& heard : heard_) Handle(heard);
  heard_.clear();
  if (missed > 0) {
    sink_.Lost(WEIR_CLASS_LIFECYCLE, static_cast<int64_t>(missed));
    Reconcile();
  }
  const auto now = static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME));
  LookAfterHeadless(now);
  sink_.EndPass();
  tasks_.Expire(now);
}

// Ends and starts were missed: what runs is looked for again, so that no pid stays somebody else's.
void LifecycleSource::Reconcile() {
  const auto now = static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME));
  const std::vector<uint32_t> pids = AllPids();
  const std::unordered_set<uint32_t> alive(pids.begin(), pids.end());
  for (const uint32_t pid : tasks_.Running()) {
    if (!alive.contains(pid)) tasks_.Exited(pid, now);
  }
  for (const uint32_t pid : pids) {
    const auto known = tasks_.Find(pid);
    const uint64_t start = ReadStartTime(pid);
    if (start == 0 || (known && known->start_time == start)) continue;
    TaskImage image;
    const auto task = ReadTask(pid, &image);
    if (!task) continue;
    tasks_.Put(*task);
    if (!scope_.IsOwn(pid)) {
      sink_.Seed(ExecRecord(*task, image, WEIR_TASK, now), Origin::kProc);
    }
  }
}

void LifecycleSource::Handle(const Heard& heard) {
  const proc_event& event = heard.event;
  const uint64_t time = event.timestamp_ns + static_cast<uint64_t>(to_boottime_);
  const auto id = event.event_data.id;
  switch (event.what) {
    case proc_event::PROC_EVENT_FORK:
      return Fork(event, time);
    case proc_event::PROC_EVENT_EXEC:
      return Exec(heard, time);
    case proc_event::PROC_EVENT_EXIT:
      return Exit(event, time);
    case proc_event::PROC_EVENT_UID:
      // The kernel tells two of the four; the file system's follows the effective one.
      return tasks_.Change(static_cast<uint32_t>(id.process_tgid), [&](Task& task) {
        task.uid = id.r.ruid;
        task.euid = task.fsuid = id.e.euid;
      });
    case proc_event::PROC_EVENT_GID:
      return tasks_.Change(static_cast<uint32_t>(id.process_tgid), [&](Task& task) {
        task.gid = id.r.rgid;
        task.egid = task.fsgid = id.e.egid;
      });
    case proc_event::PROC_EVENT_SID: {
      const auto pid = static_cast<uint32_t>(event.event_data.sid.process_tgid);
      return tasks_.Change(pid, [pid](Task& task) { task.sid = task.pgid = pid; });
    }
    case proc_event::PROC_EVENT_COMM: {
      const auto& comm = event.event_data.comm;
      if (comm.process_pid != comm.process_tgid) return;
      return tasks_.Change(static_cast<uint32_t>(comm.process_tgid), [&](Task& task) {
        memcpy(task.comm, comm.comm, sizeof task.comm);
        task.comm[sizeof task.comm - 1] = '\0';
      });
    }
    default:
      return;
  }
}

void LifecycleSource::Fork(const proc_event& event, uint64_t time) {
  const auto& fork = event.event_data.fork;
  const auto pid = static_cast<uint32_t>(fork.child_tgid);
  if (fork.child_pid != fork.child_tgid) {
    // A thread that the seed has counted already is not counted again.
    return tasks_.Change(pid, [time](Task& task) {
      if (task.read_at < time) ++task.threads;
    });
  }
  const Task parent = tasks_.Get(static_cast<uint32_t>(fork.parent_tgid));
  const auto seeded = tasks_.Find(pid);
  Task child = parent;
  child.pid = child.ns_pid = pid;
  child.threads = 1;
  child.leader_gone = child.ended = false;
  child.parent_pid = parent.pid;
  child.parent_start_time = parent.start_time;
  child.read_at = 0;
  child.start_time = ReadStartTime(pid);
  // Gone already: the event comes microseconds after the start, so the tick is the right one,
  // mostly.
  if (child.start_time == 0) child.start_time = std::max<uint64_t>(time / kTickNs * kTickNs, 1);
  const bool known = seeded && seeded->start_time == child.start_time;
  if (known) child = *seeded;
  // What was read of one that ended meanwhile may lack it: it would be in nobody's scope.
  if (!known || child.cgroup_id == 0) {
    // A child that is gone was where its parent is now: no event tells when that was moved.
    child.cgroup_id = ReadCgroup(pid, 0);
    if (child.cgroup_id == 0) child.cgroup_id = ReadCgroup(parent.pid, parent.cgroup_id);
    tasks_.Put(child);
  }
  if (!scope_.Has(child, WEIR_CLASS_LIFECYCLE)) return;
  if (const auto slot = scope_.Excludes(child, WEIR_CLASS_LIFECYCLE)) {
    return sink_.Excluded(WEIR_CLASS_LIFECYCLE, *slot);
  }
  weir_fork_event e = {};
  e.h = HeaderOf(child, WEIR_FORK, time);
  e.parent_pid = e.creator_pid = parent.pid;
  e.parent_start_time = e.creator_start_time = parent.start_time;
  e.parent_self_exec_id = parent.exec_number;
  e.ns_pid = child.ns_pid;
  e.pid_ns = child.pid_ns;
  sink_.Emit(Pack(e), WEIR_CLASS_LIFECYCLE, Origin::kNetlink);
}

void LifecycleSource::Exec(const Heard& heard, uint64_t time) {
  const auto pid = static_cast<uint32_t>(heard.event.event_data.exec.process_tgid);
  const auto before = tasks_.Find(pid);
  const TaskImage& image = heard.image;
  const std::optional<Task>& read = heard.task;
  // Of a process that is ending, what it is goes before its image does.
  const bool whole = read && !image.exe.empty();
  Task task;
  if (read) {
    task = *read;
    // Without address randomization two images may lie alike. What was read after this exec is it.
    if (before && before->read_at < time && before->start_time == task.start_time &&
        before->exec_number == task.exec_number) {
      ++task.exec_number;
    }
  } else {
    if (before) task = *before;
    task.pid = pid;
    ++task.exec_number;
    task.exe = {};
  }
  task.threads = 1;  // an exec ends all others, and is the leader then
  task.leader_gone = false;
  headless_.erase(pid);
  if (task.start_time == 0) task.start_time = std::max<uint64_t>(time / kTickNs * kTickNs, 1);
  tasks_.Put(task);
  if (!scope_.Has(task, WEIR_CLASS_PROCESS)) return;
  if (const auto slot = scope_.Excludes(task, WEIR_CLASS_PROCESS)) {
    return sink_.Excluded(WEIR_CLASS_PROCESS, *slot);
  }
  sink_.Emit(ExecRecord(task, image, WEIR_EXEC, time), WEIR_CLASS_PROCESS,
             whole ? Origin::kProc : Origin::kNetlink);
}

// A process ends with its last thread, whichever that is. Its code is that of the call that ended
// all threads, which each of them has then; else the leader's, and then the others have 0, mostly.
void LifecycleSource::Exit(const proc_event& event, uint64_t time) {
  const auto& exit = event.event_data.exit;
  const auto pid = static_cast<uint32_t>(exit.process_tgid);
  const bool leader = exit.process_pid == exit.process_tgid;
  tasks_.Change(pid, [&](Task& task) {
    if (task.threads > 0 && (leader || task.read_at < time)) --task.threads;
    if (leader) task.leader_gone = true;
  });
  auto task = tasks_.Find(pid);
  if (!task) {
    if (!leader) return;
    task = Task{};
    task->pid = pid;
    task->parent_pid = static_cast<uint32_t>(exit.parent_tgid);
    task->start_time = ReadStartTime(pid);
    task->threads = 0;
    task->leader_gone = true;
    // Nobody saw it begin and it is gone: it was as good as born now.
    if (task->start_time == 0) task->start_time = std::max<uint64_t>(time / kTickNs * kTickNs, 1);
  }
  if (!task->leader_gone || task->ended) return;
  const auto [headless, first] = headless_.try_emplace(pid, exit.exit_code);
  if (!first && exit.exit_code != 0) headless->second = exit.exit_code;
  if (task->threads == 0) Ended(*task, headless->second, time);
}

// Threads that were counted wrongly must not keep a process alive.
void LifecycleSource::LookAfterHeadless(uint64_t now) {
  std::vector<std::pair<uint32_t, uint32_t>> over;
  for (const auto& [pid, code] : headless_) {
    const auto task = ReadTask(pid);
    // A thread that executes a program takes the leader's place; its exec is told next.
    if (task && !task->zombie) continue;
    if (!task || task->threads <= 1) over.emplace_back(pid, code);
  }
  for (const auto& [pid, code] : over) {
    if (const auto task = tasks_.Find(pid); task && task->leader_gone) Ended(*task, code, now);
    headless_.erase(pid);
  }
}

void LifecycleSource::Ended(Task task, uint32_t exit_code, uint64_t time) {
  headless_.erase(task.pid);
  if (task.ended) return;
  tasks_.Change(task.pid, [](Task& known) { known.ended = true; });
  tasks_.Exited(task.pid, static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME)));
  if (!scope_.Has(task, WEIR_CLASS_LIFECYCLE)) return;
  if (const auto slot = scope_.Excludes(task, WEIR_CLASS_LIFECYCLE)) {
    return sink_.Excluded(WEIR_CLASS_LIFECYCLE, *slot);
  }
  weir_exit_event e = {};
  e.h = HeaderOf(task, WEIR_EXIT, time);
  e.exit_code = exit_code;
  e.parent_pid = task.parent_pid;
  e.parent_start_time = task.parent_start_time;
  sink_.Emit(Pack(e), WEIR_CLASS_LIFECYCLE, Origin::kNetlink);
}

}  // namespace weir
