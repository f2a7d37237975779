#include "sensor/programs_family.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "sensor/kernel_functions.h"
#include "sensor/libbpf_log.h"
#include "sensor/programs_cgroup.h"
#include "sensor/programs_functions.h"

namespace weir {
namespace {

// "a_{b,c}" is a_b and a_c.
std::vector<std::string> HooksOf(const std::string& section) {
  const size_t open = section.find('{');
  if (open == std::string::npos) return {section};
  std::vector<std::string> hooks;
  const std::string prefix = section.substr(0, open);
  size_t at = open + 1;
  while (at < section.size()) {
    const size_t end = section.find_first_of(",}", at);
    if (end == std::string::npos) break;
    hooks.push_back(prefix + section.substr(at, end - at));
    at = end + 1;
  }
  return hooks;
}

constexpr char kClassicPrefix[] = "tp/";
constexpr char kIteratorPrefix[] = "iter/";
constexpr char kTypedPrefix[] = "tp_btf/";
constexpr char kCgroupPrefix[] = "cgroup_skb/";
constexpr char kNotAttached[] = "not attached";

// Sections that begin with '?' hook what not every kernel has. One absent tracepoint would make
// libbpf refuse the whole object, so the kernel's types are asked before.
std::map<std::string, std::string> ProgramsWithoutHook(bpf_object* object) {
  std::map<std::string, std::string> without;
  btf* kernel = nullptr;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    const std::string section = bpf_program__section_name(program);
    if (bpf_program__autoload(program) || !section.starts_with(kTypedPrefix)) continue;
    if (kernel == nullptr) kernel = btf__load_vmlinux_btf();
    const std::string type = "btf_trace_" + section.substr(strlen(kTypedPrefix));
    if (kernel != nullptr && btf__find_by_name_kind(kernel, type.c_str(), BTF_KIND_TYPEDEF) > 0) {
      continue;
    }
    without[bpf_program__name(program)] = "this kernel has no such tracepoint";
  }
  btf__free(kernel);
  return without;
}

}  // namespace

Family::~Family() { Close(); }

void Family::Close() {
  DetachAllBut(0);
  attachments_.clear();
  if (object_ != nullptr) bpf_object__close(object_);
  object_ = nullptr;
}

bool Family::Load(const std::string& directory, const Tiers& tiers, SharedMaps* shared,
                  ProgramsError* error) {
  directory_ = directory;
  tiers_ = &tiers;
  borrowed_ = *shared;
  ways_.Reset(tiers);
  return LoadVariants(shared, error);
}

bool Family::LoadVariants(SharedMaps* shared, ProgramsError* error) {
  for (const char* variant : {"direct", "probe"}) {
    // Older kernels would refuse every way of every event.
    if (!tiers_->reads_directly() && strcmp(variant, "direct") == 0) continue;
    const std::string path = directory_ + "/" + spec_.name + "." + variant + ".bpf.o";
    if (access(path.c_str(), R_OK) != 0) {
      *error = {"BPF_OBJECT_MISSING", path + ": " + strerror(errno)};
      continue;
    }
    variant_ = variant;
    refused_.clear();
    asked_ = false;
    if (TryVariant(path, shared, error)) return true;
  }
  variant_.clear();
  return false;
}

bool Family::TryVariant(const std::string& path, SharedMaps* shared, ProgramsError* error) {
  for (;;) {
    LogCapture log;
    object_ = bpf_object__open_file(path.c_str(), nullptr);
    if (object_ == nullptr) {
      *error = {"BPF_LOAD_FAILED", path + ": " + Reason(log.text, errno)};
      return false;
    }
    if (char* constant = FindConstant(object_, "exit_says_group_dead")) {
      *constant = ExitSaysGroupDead() ? 1 : 0;
    }
    if (!std::exchange(asked_, true)) refused_ = ProgramsWithoutHook(object_);
    ListAttachments();
    LeaveOutMissingFunctions();
    ChoosePrograms();
    const bool keeps = ways_.Uses(Tier::kTrampoline) || ways_.Uses(Tier::kKprobe);
    if (PrepareMaps(object_, *tiers_, *shared, keeps) && bpf_object__load(object_) == 0) break;
    const int failure = errno;
    const std::string failed = FailedProgram(log.text);
    const std::string reason = Reason(log.text, failure);
    if (!failed.empty() && LeaveOut(failed, reason)) {
      Close();
      continue;
    }
    Close();
    *error = {failure == EPERM || failure == EACCES ? "BPF_NOT_PERMITTED" : "BPF_LOAD_FAILED",
              path + ": " + reason};
    return false;
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_) {
    const std::string name = bpf_map__name(map);
    if (name.starts_with("weir_")) shared->emplace(name, bpf_map__fd(map));
  }
  return true;
}

void Family::ListAttachments() {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_) {
    Attachment one;
    one.program = program;
    one.program_name = bpf_program__name(program);
    one.reason = kNotAttached;
    one.classes = spec_.ClassesOf(one.program_name);
    for (std::string& hook : HooksOf(bpf_program__section_name(program))) {
      one.hook = std::move(hook);
      one.place = ways_.Find(one.program_name, one.hook);
      attachments_.push_back(one);
    }
  }
}

// A function that this kernel does not have, or not apart, costs the way; of those that it has, the
// programs are told how many arguments they take.
void Family::LeaveOutMissingFunctions() {
  if (!ways_.Uses(Tier::kTrampoline) && !ways_.Uses(Tier::kKprobe)) return;
  std::set<std::string> functions;
  for (const Attachment& one : attachments_) functions.insert(FunctionOfSection(one.hook));
  functions.erase("");
  const std::map<std::string, int> counts = ArgumentCounts(functions);
  std::set<std::string> somewhere;
  for (const Attachment& one : attachments_) {
    if (counts.contains(FunctionOfSection(one.hook))) somewhere.insert(one.program_name);
  }
  for (Attachment& one : attachments_) {
    const std::string function = FunctionOfSection(one.hook);
    if (function.empty()) continue;
    const auto found = counts.find(function);
    if (found == counts.end()) {
      const std::string reason = "this kernel has no function " + function;
      if (somewhere.contains(one.program_name)) {
        one.absent = true;
        one.reason = reason;
        continue;
      }
      if (ways_.IsChosen(one.place) && !ways_.Demote(one.place, reason)) {
        refused_[one.program_name] = reason;
      }
      continue;
    }
    const std::string name = one.program_name.substr(0, one.program_name.rfind('_'));
    if (char* constant = FindConstant(object_, (name + "_arguments").c_str())) {
      const auto arguments = static_cast<uint32_t>(found->second);
      memcpy(constant, &arguments, sizeof(arguments));
    }
  }
}

// Loads what a chosen way needs, and forgets the attachments of the other ways.
void Family::ChoosePrograms() {
  std::erase_if(attachments_, [this](const Attachment& one) {
    return !ways_.IsChosen(one.place) ||
           (one.place.optional && refused_.contains(one.program_name));
  });
  std::set<std::string> wanted;
  for (Attachment& one : attachments_) {
    const auto why = refused_.find(one.program_name);
    if (why != refused_.end()) {
      one.reason = why->second;
      continue;
    }
    one.counts = wanted.insert(one.program_name).second;
    if (tiers_->takes_many_functions() && TierOfSection(one.hook) == Tier::kKprobe &&
        IsCallFunction(FunctionOfSection(one.hook))) {
      TakeManyFunctions(one.program);
    }
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_) {
    bpf_program__set_autoload(program, wanted.contains(bpf_program__name(program)));
  }
}

// After the kernel refused a program: false when nothing can be done without it.
bool Family::LeaveOut(const std::string& program, const std::string& reason) {
  bool others = false;
  for (const Attachment& one : attachments_) {
    if (one.program_name != program) {
      others = others || !refused_.contains(one.program_name);
    } else if (ways_.Demote(one.place, reason)) {
      return true;
    }
  }
  for (const Attachment& one : attachments_) {
    if (one.program_name == program && one.place.optional &&
        refused_.emplace(program, reason).second) {
      return true;
    }
  }
  // In the fast variant that is a mistake of ours: the slow one has all.
  if (variant_ != "probe" || !others || refused_.contains(program)) return false;
  refused_[program] = reason;
  return true;
}

int Family::Attach(const Tracefs& tracefs, uint32_t classes) {
  while (!AttachAll(tracefs, classes)) {
    DetachAllBut(0);
    Close();
    SharedMaps shared = borrowed_;
    ProgramsError error;
    if (LoadVariants(&shared, &error)) continue;
    return 0;
  }
  int attached = 0;
  for (const Attachment& one : attachments_) attached += one.link != nullptr;
  return attached;
}

// False when an event must be had by its next way.
bool Family::AttachAll(const Tracefs& tracefs, uint32_t classes) {
  bool all = true;
  for (Attachment& one : attachments_) {
    if (one.link != nullptr || one.absent || (one.classes & classes) == 0) continue;
    if (bpf_program__fd(one.program) < 0) continue;
    AttachOne(tracefs, &one);
    if (one.link == nullptr && ways_.Demote(one.place, one.reason)) all = false;
  }
  return all;
}

void Family::AttachOne(const Tracefs& tracefs, Attachment* one) {
  const auto attach = [&]() -> bpf_link* {
    if (one->hook.starts_with(kClassicPrefix)) {
      const std::string tracepoint = one->hook.substr(strlen(kClassicPrefix));
      return AttachTracepoint(tracefs, one->program, tracepoint, &one->event, &one->reason);
    }
    if (one->hook.starts_with(kCgroupPrefix)) return AttachRootCgroup(one->program, &one->reason);
    LogCapture log;
    bpf_link* link = nullptr;
    if (TakesManyFunctions(one->program)) {
      link = AttachFunctions(one->program, FunctionsOf(*one));
    } else if (IsCallFunction(FunctionOfSection(one->hook)) &&
               TierOfSection(one->hook) == Tier::kKprobe) {
      link = AttachFunction(one->program, FunctionOfSection(one->hook));
    } else {
      link = bpf_program__attach(one->program);
    }
    if (link == nullptr) one->reason = Reason(log.text, errno);
    return link;
  };
  if (bpf_link* link = attach(); link != nullptr) {
    one->link = std::shared_ptr<bpf_link>(link, bpf_link__destroy);
  }
  if (one->link == nullptr) return;
  one->leaving = false;
  one->reason.clear();
  if (!TakesManyFunctions(one->program)) return;
  for (Attachment& other : attachments_) {
    if (other.program != one->program || other.absent) continue;
    other.link = one->link;
    other.reason.clear();
  }
}

// All that one program is attached to at once.
std::vector<std::string> Family::FunctionsOf(const Attachment& one) const {
  std::vector<std::string> functions;
  for (const Attachment& other : attachments_) {
    if (other.program == one.program && !other.absent) {
      functions.push_back(FunctionOfSection(other.hook));
    }
  }
  return functions;
}

bool Family::Lacks(uint32_t classes) const {
  return std::any_of(attachments_.begin(), attachments_.end(), [&](const Attachment& one) {
    return one.leaving && (one.classes & classes) != 0;
  });
}

void Family::DetachAllBut(uint32_t classes) {
  for (Attachment& one : attachments_) {
    if (one.link == nullptr || (one.classes & classes) != 0) continue;
    one.link.reset();
    one.leaving = one.event >= 0;
    one.event = -1;
    one.reason = kNotAttached;
  }
}

void Family::AddEvents(uint32_t classes, std::vector<int>* descriptors) const {
  for (const Attachment& one : attachments_) {
    if (one.link == nullptr || one.event < 0 || (one.classes & ~classes) != 0) continue;
    descriptors->push_back(one.event);
    const int link = bpf_link__fd(one.link.get());
    if (link >= 0 && link != one.event) descriptors->push_back(link);
  }
}

std::vector<Hook> Family::Hooks() const {
  std::vector<Hook> hooks;
  for (const Attachment& one : attachments_) {
    Hook hook;
    hook.program = one.program_name;
    hook.hook = one.hook;
    hook.event = ways_.Name(one.place);
    hook.tier = TierName(TierOfSection(one.hook));
    hook.why_not_better = ways_.WhyNotBetter(one.place);
    hook.variant = variant_;
    hook.attached = one.link != nullptr;
    hook.reason = one.reason;
    hook.classes = one.classes;
    bpf_prog_info info = {};
    uint32_t size = sizeof(info);
    const int fd = bpf_program__fd(one.program);
    if (one.counts && fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0) {
      hook.run_time_ns = info.run_time_ns;
      hook.run_count = info.run_cnt;
      if (!one.place.backed) hook.recursion_misses = info.recursion_misses;
    }
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

bpf_link* Family::iterator() const {
  for (const Attachment& one : attachments_) {
    if (one.hook.starts_with(kIteratorPrefix)) return one.link.get();
  }
  return nullptr;
}

}  // namespace weir
