#include "sensor/decoder.h"

#include <cstring>
#include <string>
#include <utility>

#include "batch/counters.h"
#include "sensor/syscall_names.h"
#include "sensor/text.h"

namespace weir {

namespace {

// Every class begins with the same columns, so one set of numbers serves all.
namespace common = schema::file_column;
static_assert(int{common::kIdentity} == int{schema::process_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::lifecycle_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::socket_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::seen_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::kernel_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::dns_column::kIdentity});
static_assert(int{common::kIdentity} == int{schema::behavior_column::kIdentity});

// More text than this in one batch, and the queue's memory would depend on what is in it.
constexpr size_t kBatchTextBytes = 2u << 20;

constexpr uint16_t kNoSyscall = 0xffff;

std::string_view Source(Origin origin, bool user) {
  switch (origin) {
    case Origin::kNetlink:
      return "netlink";
    case Origin::kFanotify:
      return "fanotify";
    case Origin::kProc:
      return "proc";
    case Origin::kKernel:
      break;
  }
  return user ? "user" : "kernel";
}

std::string_view Comm(const weir_header& h) { return {h.comm, strnlen(h.comm, sizeof h.comm)}; }

}  // namespace

Decoder::Decoder(Identity identity, ProcReader proc, std::vector<KnownImage> known,
                 CacheLimits limits)
    : identity_(std::move(identity)),
      cache_(identity_, std::move(proc), std::move(known), limits),
      builders_{BatchBuilder(0), BatchBuilder(1), BatchBuilder(2), BatchBuilder(3),
                BatchBuilder(4), BatchBuilder(5), BatchBuilder(6), BatchBuilder(7)} {
  // The last class is not the kernel's: src/daemon/feeds makes its rows.
  static_assert(WEIR_CLASSES == 8 && schema::kClassCount == WEIR_CLASSES + 1);
}

Actor Decoder::Who(const Record& record) {
  if (record.origin == Origin::kKernel || record.h.start_time != 0) {
    return cache_.Resolve(record.h);
  }
  return {&nobody_, &nothing_, false};
}

void Decoder::Decode(const void* data, size_t size, int ring_class, Origin origin) {
  Counters& counters = TheCounters();
  Record record;
  record.origin = origin;
  const bool sound = ParseRecord(data, size, &record);
  const int event_class = sound ? ClassOf(record.h.type) : ring_class;
  // Task records come from the iterator, never through a ring.
  if (!sound || event_class == WEIR_CLASS_SEEN) {
    counters.Add(Stage::kDecoded, ring_class, 1);
    counters.Add(Stage::kLostDecode, ring_class, 1);
    return;
  }
  counters.Add(Stage::kDecoded, event_class, 1);
  switch (record.h.type) {
    case WEIR_EXEC:
      return Exec(record);
    case WEIR_FORK:
      return Fork(record);
    case WEIR_EXIT:
      return Exit(record);
    default:
      break;
  }
  if (event_class == WEIR_CLASS_SOCKET) return Socket(record);
  if (event_class == WEIR_CLASS_KERNEL) return Kernel(record);
  if (event_class == WEIR_CLASS_DNS) return Dns(record);
  if (event_class == WEIR_CLASS_BEHAVIOR) return Verdict(record);
  File(record);
}

std::vector<BatchPtr> Decoder::Seal() {
  static constexpr int kOrder[] = {WEIR_CLASS_SEEN,   WEIR_CLASS_PROCESS, WEIR_CLASS_LIFECYCLE,
                                   WEIR_CLASS_DNS,    WEIR_CLASS_SOCKET,  WEIR_CLASS_FILE,
                                   WEIR_CLASS_KERNEL, WEIR_CLASS_BEHAVIOR};
  std::vector<BatchPtr> batches;
  for (const int event_class : kOrder) {
    if (builders_[event_class].rows() > 0) batches.push_back(builders_[event_class].Seal());
  }
  full_ = false;
  pending_rows_ = 0;
  return batches;
}

BatchBuilder& Decoder::Begin(int event_class) {
  BatchBuilder& row = builders_[event_class];
  row.BeginRow();
  ++pending_rows_;
  // One record may make two rows of class seen.
  const uint32_t most = event_class == WEIR_CLASS_SEEN ? kBatchRows - 1 : kBatchRows;
  if (row.rows() >= most || row.text_bytes() >= kBatchTextBytes) full_ = true;
  return row;
}

void Decoder::Common(BatchBuilder& row, const Record& record, const Actor& actor, bool user) {
  const weir_header& h = record.h;
  const int64_t time = clock_.FromBoottime(h.time);
  row.SetI64(common::kTimeNs, time);
  row.SetI64(common::kFirstTimeNs, time);
  row.SetI64(common::kBoottimeNs, static_cast<int64_t>(h.time));
  row.SetText(common::kBootId, identity_.boot_id());
  row.SetU32(common::kPid, h.pid);
  row.SetU32(common::kTid, h.tid);
  if (actor.process != &nobody_) {
    row.SetI64(common::kProcessId, actor.process->id);
    row.SetI64(common::kExecId, actor.image->exec_id);
  }
  if (!actor.image->path.empty()) row.SetText(common::kPath, actor.image->path);
  row.SetText(common::kComm, Comm(h));
  row.SetU32(common::kUid, h.uid);
  row.SetU32(common::kGid, h.gid);
  row.SetU32(common::kEuid, h.euid);
  row.SetU32(common::kEgid, h.egid);
  row.SetU32(common::kSuid, h.suid);
  row.SetU32(common::kSgid, h.sgid);
  row.SetU32(common::kFsuid, h.fsuid);
  row.SetU32(common::kFsgid, h.fsgid);
  row.SetU32(common::kAuid, h.auid);
  row.SetU32(common::kParent, actor.process->parent_pid);
  if (actor.process->parent_id != 0) {
    row.SetI64(common::kParentProcessId, actor.process->parent_id);
  }
  row.SetI64(common::kCgroupId, static_cast<int64_t>(h.cgroup_id));
  row.SetU32(common::kMntNs, h.mnt_ns);
  // A 32-bit call has another numbering; a wrong name would be worse than none.
  if (h.syscall != kNoSyscall && (h.flags & WEIR_F_COMPAT) == 0) {
    if (const std::string_view name = SyscallName(h.syscall); !name.empty()) {
      row.SetText(common::kSyscall, name);
    }
  }
  row.SetI64(common::kOpId, h.op_id != 0 ? identity_.OpId(h.op_id) : identity_.NextOpId());
  row.SetU32(common::kCount, h.count == 0 ? 1 : h.count);
  row.SetText(common::kSource, Source(record.origin, user));
  row.SetI64(common::kIdentity, 0);
}

// Names of the cut columns. `own_path`: `path` is the record's own string 0.
void Decoder::Truncated(BatchBuilder& row, const Record& record, const Image& image,
                        const std::array<std::string_view, WEIR_STRINGS>& columns, bool own_path) {
  constexpr uint32_t kAny = (1u << WEIR_STRINGS) - 1;
  if ((record.h.flags & kAny) == 0 && !image.path_cut) {
    row.SetText(common::kTruncated, "");
    return;
  }
  std::string names;
  const auto add = [&names](std::string_view name) {
    if (name.empty()) return;
    if (!names.empty()) names.push_back(',');
    names.append(name);
  };
  if (image.path_cut && !own_path) add("path");
  for (int i = 0; i < WEIR_STRINGS; ++i) {
    if (record.Truncated(i)) add(columns[i]);
  }
  row.SetText(common::kTruncated, names);
}

}  // namespace weir
