// What becomes of an event whose programs load but cannot be attached. The objects are the real
// ones and libbpf opens them; at the boundary to the kernel everything succeeds but what a case
// refuses, because no kernel fails to attach on demand.
#include <bpf/libbpf.h>

#include <cerrno>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "check.h"
#include "sensor/programs_cgroup.h"
#include "sensor/programs_family.h"
#include "sensor/programs_tracepoint.h"

namespace {

std::set<std::string> refused;                 // names of programs
std::map<const bpf_link*, std::string> links;  // attached now, to what
int attached = 0;                              // ever

bpf_link* Link(const bpf_program* program) {
  if (refused.contains(bpf_program__name(program))) {
    errno = EBUSY;
    return nullptr;
  }
  auto* link = reinterpret_cast<bpf_link*>(new char);
  links[link] = bpf_program__name(program);
  attached++;
  return link;
}

const weir::FamilySpec& Spec(const std::string& name) {
  for (const weir::FamilySpec& spec : weir::Families()) {
    if (spec.name == name) return spec;
  }
  exit(1);
}

constexpr weir::Preemption kNone{false, false};
constexpr weir::Preemption kEverywhere{true, true, true};

// The hooks of one event that are attached.
std::vector<weir::Hook> HooksOf(const weir::Family& family, const std::string& event) {
  std::vector<weir::Hook> found;
  for (const weir::Hook& hook : family.Hooks()) {
    if (hook.event == event && hook.attached) found.push_back(hook);
  }
  return found;
}

struct Loaded {
  explicit Loaded(std::set<std::string> refuses, const std::string& name = "file",
                  weir::Preemption preemption = kNone)
      : tiers{BPF_DIRECTORY, weir::Tier::kTrampoline, preemption}, family{Spec(name)} {
    refused = std::move(refuses);
    attached = 0;
    weir::ProgramsError error;
    TRUE(family.Load(BPF_DIRECTORY, tiers, &maps, &error));
    hooks = family.Attach(weir::Tracefs(), UINT32_MAX);
  }

  weir::Tiers tiers;
  weir::SharedMaps maps;
  weir::Family family;
  int hooks = 0;
};

}  // namespace

extern "C" {
int __wrap_bpf_object__load(bpf_object*) { return 0; }
int __wrap_bpf_program__fd(const bpf_program* program) {
  return bpf_program__autoload(program) ? 1'000'000 : -1;
}
bpf_link* __wrap_bpf_program__attach(const bpf_program* program) { return Link(program); }
bpf_link* __wrap_bpf_program__attach_kprobe_multi_opts(const bpf_program* program, const char*,
                                                       const bpf_kprobe_multi_opts* options) {
  TRUE(options->cnt >= 1);
  return Link(program);
}
bpf_link* __wrap_bpf_program__attach_kprobe(const bpf_program* program, bool, const char*) {
  return Link(program);
}
int __wrap_bpf_link__fd(const bpf_link*) { return -1; }
int __wrap_bpf_link__destroy(bpf_link* link) {
  EQUAL(links.erase(link), 1u);
  delete reinterpret_cast<char*>(link);
  return 0;
}
}

namespace weir {

Tracefs::Tracefs() = default;
Tracefs::~Tracefs() = default;

bpf_link* AttachTracepoint(const Tracefs&, const bpf_program* program, const std::string&, int*,
                           std::string* reason) {
  bpf_link* link = Link(program);
  if (link == nullptr) *reason = "refused";
  return link;
}

bpf_link* AttachRootCgroup(const bpf_program* program, std::string*) { return Link(program); }

}  // namespace weir

TEST(AttachBest, "attach: without a refusal every event has its best tier") {
  Loaded loaded({});
  EQUAL(HooksOf(loaded.family, "rename").front().tier, "trampoline");
  EQUAL(HooksOf(loaded.family, "open").front().tier, "trampoline");
  EQUAL(static_cast<size_t>(loaded.hooks), links.size());
  EQUAL(static_cast<size_t>(attached), links.size());
}

TEST(AttachNext, "attach: an event whose best way is refused late takes the next, others stay") {
  Loaded loaded({"vfs_rename_fexit"});
  const auto renames = HooksOf(loaded.family, "rename");
  TRUE(!renames.empty());
  for (const weir::Hook& hook : renames) {
    EQUAL(hook.tier, "kprobe");
    TRUE(hook.why_not_better.starts_with("trampoline: "));
    TRUE(hook.why_not_better.find("busy") != std::string::npos);
  }
  for (const char* event : {"open", "mkdir", "unlink, rmdir"}) {
    EQUAL(HooksOf(loaded.family, event).front().tier, "trampoline");
  }
  // What had been attached before the refusal is in the kernel once, not twice.
  TRUE(static_cast<size_t>(attached) > links.size());
  EQUAL(static_cast<size_t>(loaded.hooks), links.size());
  std::set<std::string> programs;
  for (const auto& [link, program] : links) TRUE(program != "file_rename_fentry");
}

TEST(AttachLast, "attach: refused twice, an event comes by tracepoints") {
  Loaded loaded({"vfs_rename_fexit", "file_rename_kprobe"});
  const auto renames = HooksOf(loaded.family, "rename");
  TRUE(!renames.empty());
  for (const weir::Hook& hook : renames) {
    EQUAL(hook.tier, "tracepoint");
    TRUE(hook.why_not_better.find("; kprobe: ") != std::string::npos);
  }
  EQUAL(HooksOf(loaded.family, "open").front().tier, "trampoline");
}

TEST(AttachNone, "attach: an event that no tier gives is missing with the reason, others stay") {
  Loaded loaded({"vfs_rename_fexit", "file_rename_kprobe", "file_paired"});
  TRUE(HooksOf(loaded.family, "rename").empty());
  bool told = false;
  for (const weir::Hook& hook : loaded.family.Hooks()) {
    if (hook.event == "rename") told = told || hook.reason == "refused";
  }
  TRUE(told);
  EQUAL(HooksOf(loaded.family, "open").front().tier, "trampoline");
  EQUAL(static_cast<size_t>(loaded.hooks), links.size());
}

TEST(AttachEnd, "attach: the end of a family takes every hook out") {
  { Loaded loaded({"vfs_rename_fexit"}); }
  TRUE(links.empty());
}

TEST(AttachGraph,
     "attach: returns of calls that wait come by the graph tracer, else by kretprobes") {
  for (const bool refuse : {false, true}) {
    Loaded loaded(
        refuse ? std::set<std::string>{"socket_connected_graph"} : std::set<std::string>{},
        "socket", kEverywhere);
    const bool by_graph = loaded.tiers.has_graph_returns() && !refuse;
    std::set<std::string> programs;
    for (const weir::Hook& hook : HooksOf(loaded.family, "connect")) programs.insert(hook.program);
    EQUAL(programs.contains("socket_connected_kprobe"), true);
    EQUAL(programs.contains("socket_connected_graph"), by_graph);
    EQUAL(programs.contains("socket_connected_kretprobe"), !by_graph);
    EQUAL(programs.contains("connect_left"), !by_graph);
    // The same way is not told twice.
    const std::string why = HooksOf(loaded.family, "connect").front().why_not_better;
    EQUAL(why.find("kprobe: "), by_graph || !refuse ? std::string::npos : why.rfind("kprobe: "));
  }
}

TEST(AttachCalls,
     "attach: no tracepoint of system calls where functions can be had, each by its reason") {
  const auto calls = [](const weir::Family& family) {
    std::set<std::string> hooks;
    for (const weir::Hook& hook : family.Hooks()) {
      if (hook.hook.starts_with("tp/syscalls/")) hooks.insert(hook.hook);
    }
    return hooks;
  };
  for (const char* name : {"file", "socket", "kernel"}) {
    EQUAL(calls(Loaded({}, name).family).size(), 0u);
  }
  // One link for all functions of a program, and an event by tracepoints alone.
  Loaded loaded({"kernel_mount_kretprobe"}, "kernel");
  TRUE(calls(loaded.family) ==
       (std::set<std::string>{"tp/syscalls/sys_exit_mount", "tp/syscalls/sys_exit_umount",
                              "tp/syscalls/sys_exit_pivot_root"}));
  const auto namespaces = HooksOf(loaded.family, "kernel_namespace");
  EQUAL(namespaces.size(), 3u);
  EQUAL(namespaces.front().hook, "kretprobe/__x64_sys_unshare");
  if (loaded.tiers.takes_many_functions()) {
    TRUE(static_cast<size_t>(loaded.hooks) > links.size());
  }
  for (const weir::Hook& hook : HooksOf(loaded.family, "kernel_memory")) {
    EQUAL(hook.tier, "trampoline");
  }
}

TEST(AttachAgain,
     "attach: where tracepoints are preempted, ends of connections have programs in reserve") {
  EQUAL(HooksOf(Loaded({}, "socket", kEverywhere).family, "state").size(), 3u);
  EQUAL(HooksOf(Loaded({}, "socket", kNone).family, "state").size(), 1u);
}
