// What changes rights, reach, other processes or the kernel.
#include <linux/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include <cstring>
#include <string>
#include <string_view>

#include "sensor/decoder.h"
#include "sensor/kernel_names.h"
#include "sensor/syscall_names.h"
#include "sensor/text.h"

namespace weir {

namespace {

namespace column = schema::kernel_column;

enum KernelString { kPath, kOther, kKind, kName };

// Flags of mount(2) that make it something else than a mount.
constexpr uint64_t kRemount = 32;
constexpr uint64_t kBind = 4096;
constexpr uint64_t kMove = 8192;
constexpr uint64_t kPropagation = 0x20000 | 0x40000 | 0x80000 | 0x100000;

std::string_view PtraceAction(uint32_t request) {
  switch (request) {
    case 0:
      return "ptrace_traceme";
    case PTRACE_ATTACH:
      return "ptrace_attach";
    case PTRACE_SEIZE:
      return "ptrace_seize";
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA:
    case PTRACE_POKEUSER:
      return "ptrace_poke";
    default:
      return "ptrace_set_registers";
  }
}

std::string_view MountAction(const weir_kernel_event& e) {
  switch (e.number) {
    case WEIR_MOUNT_UMOUNT:
      return "umount";
    case WEIR_MOUNT_PIVOT_ROOT:
      return "pivot_root";
    case WEIR_MOUNT_MOVE:
      return "move_mount";
    case WEIR_MOUNT_SETATTR:
      return "mount_setattr";
    case WEIR_MOUNT_OPEN_TREE:
      return "open_tree";
    case WEIR_MOUNT_FSMOUNT:
      return "fsmount";
    default:
      break;
  }
  // In the order in which the kernel looks at them.
  if (e.flags & kRemount) return "remount";
  if (e.flags & kBind) return "bind";
  if (e.flags & kPropagation) return "propagation";
  return e.flags & kMove ? "move" : "mount";
}

std::string_view NamespaceAction(uint32_t number) {
  switch (number) {
    case WEIR_NAMESPACE_UNSHARE:
      return "unshare";
    case WEIR_NAMESPACE_SETNS:
      return "setns";
    case WEIR_NAMESPACE_CLONE:
      return "clone";
    default:
      return "chroot";
  }
}

std::string_view CredentialAction(uint32_t number) {
  if (number == WEIR_CREDENTIALS_CALL) return "credentials_set";
  return number == WEIR_CREDENTIALS_EXEC ? "credentials_exec" : "credentials_unexplained";
}

// The system call tells variants apart that share a record type.
std::string Action(const weir_kernel_event& e) {
  const std::string_view call = SyscallName(e.h.syscall);
  switch (e.h.type) {
    case WEIR_EXEC_FAILED:
      return "exec_failed";
    case WEIR_CREDENTIALS:
      return std::string(CredentialAction(e.number));
    case WEIR_PTRACE:
      return std::string(PtraceAction(e.number));
    case WEIR_VM:
      return call == "process_vm_readv" ? "vm_read" : "vm_write";
    case WEIR_MODULE:
      return e.number == 1 ? "module_load" : "module_unload";
    case WEIR_BPF_LOAD:
      return "bpf_load";
    case WEIR_MOUNT:
      return std::string(MountAction(e));
    case WEIR_NAMESPACE:
      return std::string(NamespaceAction(e.number));
    case WEIR_SIGNAL:
      return "signal";
    case WEIR_MEMORY:
      return call == "mmap" ? "mmap" : "mprotect";
    case WEIR_MEMFD:
      return call == "memfd_secret" ? "memfd_secret" : "memfd_create";
    case WEIR_RING_CREATE:
      return "io_uring_create";
    default: {
      const std::string_view operation = RingOperation(e.number);
      return operation.empty() ? "io_uring_" + std::to_string(e.number)
                               : "io_uring_" + std::string(operation);
    }
  }
}

// enum of include/trace/events/signal.h
std::string_view Outcome(uint32_t result) {
  switch (result) {
    case 0:
      return "delivered";
    case 1:
      return "ignored";
    case 2:
      return "pending";
    default:
      return "lost";
  }
}

std::string Hex(const __u8* bytes, size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

void SetSome(BatchBuilder& row, int to, std::string_view text) {
  if (!text.empty()) row.SetText(to, text);
}

void SetCredentials(BatchBuilder& row, const weir_kernel_event& e) {
  // In the order of struct cred.
  static constexpr int kOld[] = {column::kOldUid,   column::kOldGid,  column::kOldSuid,
                                 column::kOldSgid,  column::kOldEuid, column::kOldEgid,
                                 column::kOldFsuid, column::kOldFsgid};
  row.SetI64(column::kCapabilities, static_cast<int64_t>(e.effective));
  row.SetI64(column::kPermitted, static_cast<int64_t>(e.permitted));
  row.SetI64(column::kNewUserNs, e.user_ns);
  if (!e.old.known) return;
  for (int i = 0; i < 8; ++i) row.SetI64(kOld[i], e.old.ids[i]);
  row.SetI64(column::kOldCapabilities, static_cast<int64_t>(e.old.effective));
  row.SetI64(column::kOldPermitted, static_cast<int64_t>(e.old.permitted));
  row.SetI64(column::kOldUserNs, e.old.user_ns);
  SetSome(row, column::kGained, CapabilityNames(e.effective & ~e.old.effective));
}

void SetNamespaces(BatchBuilder& row, const weir_kernel_event& e) {
  SetSome(row, column::kKind, NamespaceNames(e.flags));
  const auto set = [&row](int to, uint32_t inode) {
    if (inode != 0) row.SetI64(to, inode);
  };
  set(column::kNewMntNs, e.mnt_ns);
  set(column::kNewPidNs, e.pid_ns);
  set(column::kNewNetNs, e.net_ns);
  set(column::kNewUserNs, e.user_ns);
  set(column::kNewUtsNs, e.uts_ns);
  set(column::kNewIpcNs, e.ipc_ns);
  set(column::kNewCgroupNs, e.cgroup_ns);
  set(column::kNewTimeNs, e.time_ns);
}

void SetMemfd(BatchBuilder& row, const Record& record) {
  constexpr std::string_view kPrefix = "/memfd:";
  const std::string_view path = record.strings[kPath];
  row.SetI64(column::kFlags, static_cast<int64_t>(record.kernel.flags));
  if (record.FromUser(kPath)) {
    SetSome(row, column::kName, path);
    return;
  }
  SetSome(row, column::kObjectPath, path);
  if (path.starts_with(kPrefix)) row.SetText(column::kName, path.substr(kPrefix.size()));
}

void SetRing(BatchBuilder& row, const weir_kernel_event& e) {
  row.SetI64(column::kNumber, e.number);
  row.SetI64(column::kFlags, static_cast<int64_t>(e.flags));
  if (e.family != AF_INET && e.family != AF_INET6) return;
  row.SetText(column::kRemoteAddress, AddressText(e.family, e.remote_address));
  row.SetI64(column::kRemotePort, e.port);
}

void SetBpf(BatchBuilder& row, const Record& record) {
  const weir_kernel_event& e = record.kernel;
  row.SetI64(column::kNumber, e.number);
  SetSome(row, column::kKind, BpfProgramType(e.number));
  SetSome(row, column::kName, record.strings[kName]);
  SetSome(row, column::kOtherPath, record.strings[kKind]);
  if (e.id == 0) return;
  row.SetI64(column::kObjectId, e.id);
  row.SetText(column::kTag, Hex(e.tag, sizeof e.tag));
}

// Repeats of these say nothing new; of all others each is told.
bool MayRepeat(unsigned type) {
  return type == WEIR_EXEC_FAILED || type == WEIR_PTRACE || type == WEIR_VM ||
         type == WEIR_SIGNAL || type == WEIR_MEMORY || type == WEIR_RING_REQUEST;
}

int64_t KernelIdentity(const Record& record, int64_t process_id) {
  const weir_kernel_event& e = record.kernel;
  if (!MayRepeat(e.h.type)) return 0;
  const uint64_t what[] = {
      static_cast<uint64_t>(process_id), e.number, e.target_pid, e.target_start_time,
      static_cast<uint64_t>(e.result),   e.port};
  uint64_t hash = KeyedHash(what, sizeof what, e.h.type << 16 | e.h.syscall);
  hash = KeyedHash(e.remote_address, sizeof e.remote_address, hash);
  for (const std::string_view text : record.strings) {
    hash = KeyedHash(text.data(), text.size(), hash);
  }
  return hash == 0 ? 1 : static_cast<int64_t>(hash);
}

}  // namespace

// The target by what the kernel says of it: a pid may be somebody else's by now.
void Decoder::Target(BatchBuilder& row, const weir_kernel_event& e) {
  if (e.target_pid == 0) return;
  const int64_t process_id = identity_.ProcessId(e.target_pid, e.target_start_time);
  row.SetI64(column::kTargetPid, e.target_pid);
  row.SetI64(column::kTargetTid, e.target_tid);
  row.SetI64(column::kTargetProcessId, process_id);
  row.SetI64(column::kTargetUid, e.target_uid);
  row.SetText(column::kTargetComm, {e.target_comm, strnlen(e.target_comm, sizeof e.target_comm)});
  const Image* image = cache_.FindImage(process_id, e.target_self_exec_id);
  if (image == nullptr) return;
  row.SetI64(column::kTargetExecId, image->exec_id);
  SetSome(row, column::kTargetPath, image->path);
}

void Decoder::Kernel(const Record& record) {
  const weir_kernel_event& e = record.kernel;
  const Actor actor = cache_.Resolve(record.h);
  if (actor.first_met) Seen(record, actor, "event");
  BatchBuilder& row = Begin(WEIR_CLASS_KERNEL);
  const bool user = (record.h.flags & WEIR_F_ADDRESS_USER) != 0 || record.FromUser(kPath) ||
                    record.FromUser(kOther) || record.FromUser(kKind) || record.FromUser(kName);
  Common(row, record, actor, user);
  Truncated(row, record, *actor.image, {"object_path", "other_path", "kind", "name"}, false);
  row.SetText(column::kAction, Action(e));
  row.SetI64(column::kError, e.result < 0 ? -int64_t{e.result} : 0);
  if (e.fd >= 0) row.SetI64(column::kFd, e.fd);
  Target(row, e);
  std::string_view path = record.strings[kPath];
  if (record.FromUser(kPath) && !record.Truncated(kPath) && path.starts_with('/')) {
    path = caller_path_.Resolve(path, e.h.pid, e.h.mnt_ns, e.h.time);
  }
  if (e.h.type != WEIR_MEMFD) SetSome(row, column::kObjectPath, path);
  if (e.h.type != WEIR_BPF_LOAD) SetSome(row, column::kOtherPath, record.strings[kOther]);
  const auto flags = [&] { row.SetI64(column::kFlags, static_cast<int64_t>(e.flags)); };
  switch (e.h.type) {
    case WEIR_CREDENTIALS:
      SetCredentials(row, e);
      break;
    case WEIR_PTRACE:
      row.SetI64(column::kNumber, e.number);
      row.SetI64(column::kAddress, static_cast<int64_t>(e.address));
      break;
    case WEIR_VM:
      row.SetI64(column::kLength, static_cast<int64_t>(e.length));
      break;
    case WEIR_MODULE:
      flags();
      SetSome(row, column::kName, record.strings[kName]);
      break;
    case WEIR_BPF_LOAD:
      SetBpf(row, record);
      break;
    case WEIR_MOUNT:
      flags();
      SetSome(row, column::kKind, record.strings[kKind]);
      break;
    case WEIR_NAMESPACE:
      if (e.number != WEIR_NAMESPACE_CHROOT) flags();
      SetNamespaces(row, e);
      break;
    case WEIR_SIGNAL:
      row.SetI64(column::kNumber, e.number);
      SetSome(row, column::kKind, SignalName(e.number));
      if (e.result == 0) row.SetText(column::kOutcome, Outcome(e.id));
      break;
    case WEIR_MEMORY:
      row.SetI64(column::kNumber, e.number);
      row.SetI64(column::kAddress, static_cast<int64_t>(e.address));
      row.SetI64(column::kLength, static_cast<int64_t>(e.length));
      if (Action(e) == "mmap") flags();
      break;
    case WEIR_MEMFD:
      SetMemfd(row, record);
      break;
    case WEIR_RING_CREATE:
      flags();
      row.SetI64(column::kLength, static_cast<int64_t>(e.length));
      break;
    case WEIR_RING_REQUEST:
      SetRing(row, e);
      break;
    default:
      break;
  }
  row.SetI64(column::kIdentity, KernelIdentity(record, actor.process->id));
}

}  // namespace weir
