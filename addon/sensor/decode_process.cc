// exec, fork, exit, and the rows of process_seen that come of them.
#include <sys/sysmacros.h>

#include <cstring>
#include <string>
#include <utility>

#include "batch/counters.h"
#include "sensor/decoder.h"
#include "sensor/text.h"

namespace weir {

namespace {

namespace process = schema::process_column;
namespace lifecycle = schema::lifecycle_column;
namespace seen = schema::seen_column;

enum ExecString { kExe, kCwd, kFilename, kInterpreter, kArguments };

void SetSome(BatchBuilder& row, int column, std::string_view text) {
  if (!text.empty()) row.SetText(column, text);
}

Image ImageOf(const Record& record) {
  Image image;
  image.path = record.strings[kExe];
  image.cwd = record.strings[kCwd];
  image.arguments = record.strings[kArguments];
  image.path_cut = record.Truncated(kExe);
  image.arguments_cut = record.Truncated(kArguments);
  return image;
}

std::string_view Tty(const weir_exec_event& e) { return {e.tty, strnlen(e.tty, sizeof e.tty)}; }

// The kernel packs a device number otherwise than stat(2) shows it.
int64_t Device(uint64_t dev) {
  return static_cast<int64_t>(
      makedev(static_cast<unsigned>(dev >> 20), static_cast<unsigned>(dev & ((1u << 20) - 1))));
}

}  // namespace

void Decoder::Executable(BatchBuilder& row, const Image& image) {
  namespace column = process;
  static_assert(int{column::kCmdline} == int{seen::kCmdline});
  static_assert(int{column::kJsonCmdline} == int{seen::kJsonCmdline});
  static_assert(int{column::kCwd} == int{seen::kCwd});
  if (!image.arguments.empty()) {
    row.SetText(column::kCmdline, JoinArguments(image.arguments));
    row.SetText(column::kJsonCmdline, JsonArguments(image.arguments));
  }
  SetSome(row, column::kCwd, image.cwd);
}

// What the kernel could not read of the arguments, while the process still has them.
Image Decoder::RepairedImage(Record* record) {
  Image image = ImageOf(*record);
  if ((record->h.flags & WEIR_F_FAULT) == 0 || !cache_.RepairArguments(record->exec, &image)) {
    return image;
  }
  record->origin = Origin::kProc;
  record->h.flags &= ~WEIR_F_TRUNCATED(kArguments);
  if (image.arguments_cut) record->h.flags |= WEIR_F_TRUNCATED(kArguments);
  return image;
}

void Decoder::Exec(const Record& told) {
  Record record = told;
  const weir_exec_event& e = record.exec;
  Image image = RepairedImage(&record);
  const Actor actor = cache_.Exec(e, std::move(image));
  if (actor.first_met) Seen(record, actor, "exec");
  BatchBuilder& row = Begin(WEIR_CLASS_PROCESS);
  Common(row, record, actor, record.FromUser(kExe) || record.FromUser(kCwd));
  Truncated(row, record, *actor.image,
            {"path", "cwd", "filename", "interpreter", "cmdline,json_cmdline"}, true);
  Executable(row, *actor.image);
  const std::string_view filename = record.strings[kFilename];
  const std::string_view interpreter = record.strings[kInterpreter];
  SetSome(row, process::kFilename, filename);
  if (!interpreter.empty() && interpreter != filename) {
    SetSome(row, process::kScript, Absolute(actor.image->cwd, filename));
    row.SetText(process::kInterpreter, interpreter);
  }
  row.SetU32(process::kCmdlineSize, e.argv_size);
  row.SetU32(process::kEnvSize, e.env_size);
  if (const Process* parent = cache_.Find(actor.process->parent_id);
      parent != nullptr && parent->image != nullptr) {
    SetSome(row, process::kParentPath, parent->image->path);
    SetSome(row, process::kParentCmdline, JoinArguments(parent->image->arguments));
  }
  row.SetI64(process::kDev, Device(e.exe_dev));
  row.SetI64(process::kInode, static_cast<int64_t>(e.exe_ino));
  row.SetI64(process::kSize, static_cast<int64_t>(e.exe_size));
  row.SetU32(process::kMode, e.exe_mode);
  row.SetU32(process::kOwnerUid, e.exe_uid);
  row.SetU32(process::kOwnerGid, e.exe_gid);
  row.SetI64(process::kAtime, e.exe_atime);
  row.SetI64(process::kMtime, e.exe_mtime);
  row.SetI64(process::kCtime, e.exe_ctime);
  row.SetU32(process::kNlink, e.exe_nlink);
  const bool deleted = (record.h.flags & WEIR_F_DELETED) != 0;
  row.SetU32(process::kExeDeleted, deleted ? 1 : 0);
  row.SetU32(process::kExeMemfd, deleted && record.strings[kExe].starts_with("/memfd:") ? 1 : 0);
  row.SetU32(process::kPgid, e.pgid);
  row.SetU32(process::kSessionId, e.sid);
  row.SetU32(process::kNsPid, e.ns_pid);
  row.SetU32(process::kPidNs, e.pid_ns);
  row.SetU32(process::kNetNs, e.net_ns);
  row.SetU32(process::kUserNs, e.user_ns);
  row.SetU32(process::kUtsNs, e.uts_ns);
  row.SetU32(process::kCgroupNs, e.cgroup_ns);
  SetSome(row, process::kTty, Tty(e));
}

void Decoder::Seed(const void* data, size_t size, Origin origin) {
  Record record;
  record.origin = origin;
  if (!ParseRecord(data, size, &record) || record.h.type != WEIR_TASK) return;
  const Actor actor = cache_.Seed(record.exec, ImageOf(record));
  if (actor.first_met) Seen(record, actor, "seed");
}

void Decoder::Fork(const Record& record) {
  Record creator = record;
  creator.h = ProcessCache::Creator(record.fork);
  if (const Actor met = cache_.Resolve(creator.h); met.first_met) Seen(creator, met, "event");
  const Actor actor = cache_.Fork(record.fork);
  if (actor.first_met) Seen(record, actor, "fork");
  BatchBuilder& row = Begin(WEIR_CLASS_LIFECYCLE);
  Common(row, record, actor, false);
  Truncated(row, record, *actor.image, {}, false);
  row.SetText(lifecycle::kAction, "fork");
  SetSome(row, lifecycle::kCmdline, JoinArguments(actor.image->arguments));
  row.SetI64(lifecycle::kStartTimeNs, clock_.FromBoottime(record.h.start_time));
  row.SetI64(lifecycle::kCloneFlags, static_cast<int64_t>(record.fork.clone_flags));
  row.SetU32(lifecycle::kNsPid, record.fork.ns_pid);
  row.SetU32(lifecycle::kPidNs, record.fork.pid_ns);
}

void Decoder::Exit(const Record& record) {
  const Actor actor = cache_.Resolve(record.h);
  if (actor.process->parent_id == 0) {
    actor.process->parent_pid = record.exit.parent_pid;
    actor.process->parent_id =
        identity_.ProcessId(record.exit.parent_pid, record.exit.parent_start_time);
  }
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_LIFECYCLE);
  Common(row, record, actor, false);
  Truncated(row, record, *actor.image, {}, false);
  row.SetText(lifecycle::kAction, "exit");
  SetSome(row, lifecycle::kCmdline, JoinArguments(actor.image->arguments));
  const uint32_t code = record.exit.exit_code;
  if (const uint32_t signal = code & 0x7f; signal != 0) {
    row.SetI64(lifecycle::kExitSignal, signal);
  } else {
    row.SetI64(lifecycle::kExitCode, (code >> 8) & 0xff);
  }
  row.SetI64(lifecycle::kStartTimeNs, clock_.FromBoottime(record.h.start_time));
  row.SetI64(lifecycle::kDurationNs, static_cast<int64_t>(record.h.time - record.h.start_time));
  cache_.Exit(record.h, Nanoseconds(CLOCK_BOOTTIME));
}

void Decoder::Seen(const Record& record, const Actor& actor, std::string_view reason) {
  Counters& counters = TheCounters();
  counters.Add(Stage::kSeen, WEIR_CLASS_SEEN, 1);
  counters.Add(Stage::kSubmitted, WEIR_CLASS_SEEN, 1);
  counters.Add(Stage::kDecoded, WEIR_CLASS_SEEN, 1);
  const bool from_record = record.h.type == WEIR_EXEC || record.h.type == WEIR_TASK;
  // The other records' operation, system call and repeats are not this row's.
  Record own = record;
  own.h.op_id = 0;
  own.h.count = 1;
  if (!from_record) own.h.flags = 0;
  if (record.h.type != WEIR_EXEC) own.h.syscall = 0xffff;
  BatchBuilder& row = Begin(WEIR_CLASS_SEEN);
  Common(row, own, actor, false);
  if (actor.image->from_proc) row.SetText(seen::kSource, "proc");
  std::string cut = actor.image->path_cut ? "path" : "";
  if (actor.image->arguments_cut)
    cut += cut.empty() ? "cmdline,json_cmdline" : ",cmdline,json_cmdline";
  row.SetText(seen::kTruncated, cut);
  Executable(row, *actor.image);
  row.SetText(seen::kReason, reason);
  if (const Process* parent = cache_.Find(actor.process->parent_id);
      parent != nullptr && parent->image != nullptr) {
    SetSome(row, seen::kParentPath, parent->image->path);
  }
  row.SetI64(seen::kStartTimeNs, clock_.FromBoottime(actor.process->start_time));
  row.SetU32(seen::kPgid, actor.process->pgid);
  row.SetU32(seen::kSessionId, actor.process->session_id);
  if (from_record) {
    row.SetU32(seen::kPidNs, record.exec.pid_ns);
    SetSome(row, seen::kTty, Tty(record.exec));
  } else if (record.h.type == WEIR_FORK) {
    row.SetU32(seen::kPidNs, record.fork.pid_ns);
  }
}

}  // namespace weir
