#include "sensor/families.h"

#include <initializer_list>
#include <utility>

namespace weir {
namespace {

// An event at functions of the kernel, by the names that bpf/lib/tiers.h gives the programs.
// `entries`: fentry or kprobe; `returns`: fexit, or kretprobe alone; `pairs`: fexit, or kprobe with
// kretprobe.
EventSpec AtFunctions(const char* name, std::initializer_list<std::string> entries,
                      std::initializer_list<std::string> returns,
                      std::initializer_list<std::string> pairs, std::vector<Part> tracepoints) {
  Way trampoline{Tier::kTrampoline, {}};
  Way kprobe{Tier::kKprobe, {}};
  for (const std::string& one : entries) {
    trampoline.parts.push_back({one + "_fentry", {}});
    kprobe.parts.push_back({one + "_kprobe", {}});
  }
  for (const std::string& one : returns) {
    trampoline.parts.push_back({one + "_fexit", {}});
    kprobe.parts.push_back({one + "_kretprobe", {}});
  }
  for (const std::string& one : pairs) {
    trampoline.parts.push_back({one + "_fexit", {}});
    kprobe.parts.push_back({one + "_kprobe", {}});
    kprobe.parts.push_back({one + "_kretprobe", {}});
  }
  return {name,
          {std::move(trampoline), std::move(kprobe), {Tier::kTracepoint, std::move(tracepoints)}}};
}

// Of both tiers at functions, what some kernels have not.
void AddOptionalReturn(EventSpec* event, const std::string& name) {
  event->ways[0].parts.push_back({name + "_fexit", {}, true});
  event->ways[1].parts.push_back({name + "_kretprobe", {}, true});
}

// A system call (bpf/lib/calls.h), at the function behind it or its tracepoint. `trampolines`: of
// those calls that have one.
EventSpec AtCalls(const std::string& name, std::initializer_list<std::string> trampolines = {},
                  const char* kprobe = "_kretprobe") {
  EventSpec event{name, {}};
  if (trampolines.size() > 0) {
    Way trampoline{Tier::kTrampoline, {}};
    for (const std::string& call : trampolines) {
      trampoline.parts.push_back({name + "_" + call + "_fexit", {}});
    }
    event.ways.push_back(std::move(trampoline));
  }
  event.ways.push_back({Tier::kKprobe, {{name + kprobe, {}}}});
  event.ways.push_back({Tier::kTracepoint, {{name, {}}}});
  return event;
}

std::vector<EventSpec> FileEvents() {
  std::vector<EventSpec> events = {
      AtFunctions("open", {}, {}, {"file_opened"}, {{"file_openat", {}}, {"file_open", {}}}),
      AtFunctions(
          "close", {"file_closed"}, {}, {},
          {{"file_close", {}}, {"file_dup", {}}, {"file_close_range", {}}, {"file_exit", {}}}),
      // One call may do both, so they go together.
      AtFunctions("unlink, rmdir", {"file_unlink", "file_rmdir"}, {"vfs_unlink", "vfs_rmdir"}, {},
                  {{"file_named", {"unlink", "unlinkat", "rmdir"}}}),
      AtFunctions("mkdir", {"file_mkdir"}, {"vfs_mkdir"}, {},
                  {{"file_named", {"mkdir", "mkdirat"}}}),
      AtFunctions("mknod", {"file_mknod"}, {"vfs_mknod", "vfs_create"}, {},
                  {{"file_named", {"mknod", "mknodat"}}}),
      AtFunctions("symlink", {"file_symlinked"}, {"vfs_symlink"}, {}, {{"file_symlink", {}}}),
      AtFunctions("rename", {"file_rename"}, {"vfs_rename"}, {},
                  {{"file_paired", {"rename", "renameat", "renameat2"}}}),
      AtFunctions("link", {"file_link"}, {"vfs_link"}, {}, {{"file_paired", {"link", "linkat"}}}),
      AtFunctions(
          "chmod", {}, {}, {"file_chmod"},
          {{"file_named", {"chmod", "fchmodat", "fchmodat2"}}, {"file_changed", {"fchmod"}}}),
      AtFunctions("chown", {}, {}, {"file_chown"},
                  {{"file_named", {"chown", "lchown", "fchownat"}}, {"file_changed", {"fchown"}}}),
      AtFunctions("truncate", {}, {}, {"file_truncate"}, {{"file_named", {"truncate"}}}),
      AtCalls("file_ftruncate", {"ftruncate"}),
      AtCalls("file_mmap", {"mmap"}),
      AtCalls("file_attribute"),
  };
  for (EventSpec& event : events) {
    if (event.name == "unlink, rmdir") AddOptionalReturn(&event, "do_rmdir");
  }
  return events;
}

std::vector<EventSpec> SocketEvents() {
  std::vector<EventSpec> events = {
      AtFunctions("connect", {}, {}, {"socket_connected"}, {{"socket_connect", {}}}),
      AtFunctions("accept", {}, {"socket_accepted"}, {"socket_accept"}, {{"socket_accept", {}}}),
      AtFunctions("bind", {}, {}, {"socket_bound"}, {{"socket_bind", {}}}),
      AtFunctions("listen", {}, {}, {"socket_listening"}, {{"socket_listen", {}}}),
      AtFunctions(
          "send", {}, {},
          {"socket_udp", "socket_udp6", "socket_raw", "socket_raw6", "socket_ping", "socket_ping6"},
          {{"socket_sendto", {}}, {"socket_sendmsg", {}}, {"socket_sendmmsg", {}}}),
  };
  // Calls that wait: of more than a kretprobe has room for, the end comes by the system call. That
  // misses some from 7.0 on, where tasks are preempted in its tracepoints.
  const auto waits = [](EventSpec* event, std::vector<Part> by_graph) {
    event->ways[1].parts.push_back({event->name + "_left", {}});
    event->ways.insert(event->ways.begin() + 1, {Tier::kKprobe, std::move(by_graph), false, true});
  };
  events.push_back({"state",
                    {{Tier::kTracepoint,
                      {{"socket_state", {}, false, true},
                       {"socket_state_second", {}, false, true},
                       {"socket_state_third", {}}},
                      true},
                     {Tier::kTracepoint, {{"socket_state", {}}}}}});
  waits(&events[0], {{"socket_connected_kprobe", {}}, {"socket_connected_graph", {}}});
  waits(&events[1], {{"socket_accepted_graph", {}}, {"socket_accept_graph", {}}});
  return events;
}

std::vector<EventSpec> KernelEvents() {
  return {
      AtCalls("kernel_exec_failed", {"execve", "execveat"}),
      AtCalls("kernel_namespace"),
      AtCalls("kernel_memory", {"mmap", "mprotect", "pkey_mprotect"}),
      AtCalls("kernel_memfd"),
      AtCalls("kernel_mount"),
      AtCalls("kernel_mount_new"),
      AtCalls("kernel_credentials_before", {}, "_kprobe"),
      AtCalls("kernel_credentials_after"),
      AtCalls("kernel_ptrace"),
      AtCalls("kernel_vm"),
      AtCalls("kernel_signal_failed"),
      AtCalls("kernel_module_call"),
      AtCalls("kernel_bpf_load"),
  };
}

// Tracepoints; where those are preempted, kprobes beside them.
std::vector<EventSpec> ProcessEvents() {
  const auto event = [](const char* name, std::vector<Part> kprobes, const char* tracepoint) {
    return EventSpec{
        name, {{Tier::kKprobe, std::move(kprobes), true}, {Tier::kTracepoint, {{tracepoint, {}}}}}};
  };
  return {
      event("exec", {{"exec_begins_kprobe", {}}, {"exec_done_kprobe", {}}}, "process_exec"),
      event("fork", {{"fork_done_kprobe", {}}}, "process_fork"),
      event("exit", {{"exit_done_kprobe", {}}}, "process_exit"),
  };
}

}  // namespace

uint32_t FamilySpec::ClassesOf(const std::string& program) const {
  for (const ProgramClasses& one : except) {
    if (one.program == program) return one.classes;
  }
  return classes;
}

const std::vector<FamilySpec>& Families() {
  static const std::vector<FamilySpec> families = {
      // Files before processes: one that ends closes its files, and those records come first.
      {"file", WEIR_ON(WEIR_CLASS_FILE), {}, FileEvents()},
      {"socket", WEIR_ON(WEIR_CLASS_SOCKET), {}, SocketEvents()},
      {"kernel", WEIR_ON(WEIR_CLASS_KERNEL), {}, KernelEvents()},
      {"dns", WEIR_ON(WEIR_CLASS_DNS), {}, {}},
      {"process",
       WEIR_ON(WEIR_CLASS_LIFECYCLE),
       {{"process_exec", WEIR_ON(WEIR_CLASS_PROCESS)},
        {"exec_begins_kprobe", WEIR_ON(WEIR_CLASS_PROCESS)},
        {"exec_done_kprobe", WEIR_ON(WEIR_CLASS_PROCESS)},
        {"seed_tasks", WEIR_ON(WEIR_CLASS_SEEN)}},
       ProcessEvents()},
  };
  return families;
}

}  // namespace weir
