#include "sensor/programs_family.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>

#include "sensor/programs_cgroup.h"

namespace weir {
namespace {

constexpr int kScratchSlotsPerCpu = 2;  // SLOTS in bpf/lib/scratch.h
constexpr size_t kReasonMax = 400;

// What libbpf says while this thread loads something. It has one global printer for all threads.
thread_local std::string* t_log = nullptr;

int Print(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG || t_log == nullptr) return 0;
  va_list again;
  va_copy(again, arguments);
  const int size = vsnprintf(nullptr, 0, format, arguments);
  if (size > 0) {
    const size_t before = t_log->size();
    t_log->resize(before + static_cast<size_t>(size) + 1);
    vsnprintf(t_log->data() + before, static_cast<size_t>(size) + 1, format, again);
    t_log->pop_back();
  }
  va_end(again);
  return size;
}

class LogCapture {
 public:
  LogCapture() {
    libbpf_set_print(Print);
    t_log = &text;
  }
  ~LogCapture() { t_log = nullptr; }
  std::string text;
};

// The verifier's own complaint is the line before its statistics; else the end of what was said.
std::string Reason(const std::string& log, int error) {
  std::string text = strerror(error);
  if (log.empty()) return text;
  const size_t statistics = log.find("\nprocessed ");
  const size_t end = statistics == std::string::npos ? log.size() : statistics;
  const size_t line = statistics == std::string::npos ? 0 : log.rfind('\n', end - 1);
  const size_t from =
      std::max(line == std::string::npos ? 0 : line, end > kReasonMax ? end - kReasonMax : 0);
  text += ": " + log.substr(from, end - from);
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

// Name of the program in "prog 'NAME': failed to load"; empty when the failure was another.
std::string FailedProgram(const std::string& log) {
  const size_t end = log.find("': failed to load");
  if (end == std::string::npos) return "";
  const size_t begin = log.rfind("prog '", end);
  return begin == std::string::npos ? "" : log.substr(begin + 6, end - begin - 6);
}

// Since 6.16 the tracepoint sched_process_exit has an argument group_dead.
bool ExitSaysGroupDead() {
  btf* kernel = btf__load_vmlinux_btf();
  if (kernel == nullptr) return false;
  bool found = false;
  const int id = btf__find_by_name_kind(kernel, "btf_trace_sched_process_exit", BTF_KIND_TYPEDEF);
  if (id > 0) {
    const btf_type* pointer = btf__type_by_id(kernel, btf__type_by_id(kernel, id)->type);
    const btf_type* function = btf__type_by_id(kernel, pointer->type);
    found = btf_is_func_proto(function) && btf_vlen(function) == 3;  // __data, task, group_dead
  }
  btf__free(kernel);
  return found;
}

// Where a `const volatile bool` of an object not yet loaded lies; null when it has none.
char* FindConstant(bpf_object* object, const char* name) {
  const btf* types = bpf_object__btf(object);
  const int section = btf__find_by_name_kind(types, ".rodata", BTF_KIND_DATASEC);
  if (section < 0) return nullptr;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (strstr(bpf_map__name(map), ".rodata") != nullptr) break;
  }
  if (map == nullptr) return nullptr;
  size_t size = 0;
  auto* data = static_cast<char*>(const_cast<void*>(bpf_map__initial_value(map, &size)));
  const btf_type* type = btf__type_by_id(types, section);
  const btf_var_secinfo* variable = btf_var_secinfos(type);
  for (int i = 0; i < btf_vlen(type); i++, variable++) {
    const btf_type* of = btf__type_by_id(types, variable->type);
    if (strcmp(btf__name_by_offset(types, of->name_off), name) == 0 && variable->offset < size) {
      return data + variable->offset;
    }
  }
  return nullptr;
}

// Borrows what earlier families made and gives scratch its slots; true when all is well.
bool PrepareMaps(bpf_object* object, const SharedMaps& shared) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = bpf_map__name(map);
    if (name == "scratch_slots") {
      if (bpf_map__set_max_entries(map, libbpf_num_possible_cpus() * kScratchSlotsPerCpu) != 0) {
        return false;
      }
    }
    const auto lent = shared.find(name);
    if (lent != shared.end() && bpf_map__reuse_fd(map, lent->second) != 0) return false;
  }
  return true;
}

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

bool Family::Load(const std::string& directory, SharedMaps* shared, ProgramsError* error) {
  const std::string base = directory + "/" + spec_.name;
  for (const char* variant : {"direct", "probe"}) {
    const std::string path = base + "." + variant + ".bpf.o";
    if (access(path.c_str(), R_OK) != 0) {
      *error = {"BPF_OBJECT_MISSING", path + ": " + strerror(errno)};
      continue;
    }
    variant_ = variant;
    refused_.clear();
    asked_ = false;
    if (TryVariant(path, variant_ == "probe", shared, error)) return true;
  }
  variant_.clear();
  return false;
}

bool Family::TryVariant(const std::string& path, bool may_leave_out, SharedMaps* shared,
                        ProgramsError* error) {
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
    bool prepared = PrepareMaps(object_, *shared);
    size_t left = 0;
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, object_) {
      const bool wanted = !refused_.contains(bpf_program__name(program));
      bpf_program__set_autoload(program, wanted);
      left += wanted;
    }
    if (prepared && left > 0 && bpf_object__load(object_) == 0) break;
    const int failure = errno;
    const std::string failed = FailedProgram(log.text);
    const std::string reason = Reason(log.text, failure);
    Close();
    if (!may_leave_out || failed.empty() || refused_.contains(failed)) {
      *error = {failure == EPERM || failure == EACCES ? "BPF_NOT_PERMITTED" : "BPF_LOAD_FAILED",
                path + ": " + reason};
      return false;
    }
    refused_[failed] = reason;
  }
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_) {
    const std::string name = bpf_map__name(map);
    if (name.starts_with("weir_")) shared->emplace(name, bpf_map__fd(map));
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object_) {
    Attachment one;
    one.program = program;
    one.program_name = bpf_program__name(program);
    const auto why = refused_.find(one.program_name);
    one.reason = why == refused_.end() ? kNotAttached : why->second;
    one.classes = spec_.ClassesOf(one.program_name);
    one.counts = true;
    for (std::string& hook : HooksOf(bpf_program__section_name(program))) {
      one.hook = std::move(hook);
      attachments_.push_back(one);
      one.counts = false;
    }
  }
  return true;
}

int Family::Attach(const Tracefs& tracefs, uint32_t classes) {
  int attached = 0;
  for (Attachment& one : attachments_) {
    if (one.link == nullptr && (one.classes & classes) != 0 && bpf_program__fd(one.program) >= 0) {
      AttachOne(tracefs, &one);
    }
    attached += one.link != nullptr;
  }
  return attached;
}

void Family::AttachOne(const Tracefs& tracefs, Attachment* one) {
  LogCapture log;
  if (one->hook.starts_with(kClassicPrefix)) {
    const std::string tracepoint = one->hook.substr(strlen(kClassicPrefix));
    one->link = AttachTracepoint(tracefs, one->program, tracepoint, &one->event, &one->reason);
  } else if (one->hook.starts_with(kCgroupPrefix)) {
    one->link = AttachRootCgroup(one->program, &one->reason);
  } else {
    one->link = bpf_program__attach(one->program);
    if (one->link == nullptr) one->reason = Reason(log.text, errno);
  }
  if (one->link != nullptr) one->reason.clear();
}

void Family::DetachAllBut(uint32_t classes) {
  for (Attachment& one : attachments_) {
    if (one.link == nullptr || (one.classes & classes) != 0) continue;
    bpf_link__destroy(one.link);
    one.link = nullptr;
    one.event = -1;
    one.reason = kNotAttached;
  }
}

void Family::AddEvents(uint32_t classes, std::vector<int>* descriptors) const {
  for (const Attachment& one : attachments_) {
    if (one.link == nullptr || one.event < 0 || (one.classes & ~classes) != 0) continue;
    descriptors->push_back(one.event);
    const int link = bpf_link__fd(one.link);
    if (link >= 0 && link != one.event) descriptors->push_back(link);
  }
}

std::vector<Hook> Family::Hooks() const {
  std::vector<Hook> hooks;
  for (const Attachment& one : attachments_) {
    Hook hook;
    hook.program = one.program_name;
    hook.hook = one.hook;
    hook.tier = "tracepoint";
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
      hook.recursion_misses = info.recursion_misses;
    }
    hooks.push_back(std::move(hook));
  }
  return hooks;
}

bpf_link* Family::iterator() const {
  for (const Attachment& one : attachments_) {
    if (one.hook.starts_with(kIteratorPrefix)) return one.link;
  }
  return nullptr;
}

}  // namespace weir
