#include "sensor/task_facts.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <climits>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>

#include "sensor/iterator_records.h"
#include "sensor/libbpf_log.h"

namespace weir {
namespace {

constexpr uint64_t kNanosecondsPerTick = 10'000'000;

// The program's link, shared by all threads.
struct Source {
  std::mutex mutex;
  std::string directory;
  int link = -1;
  bool refused = false;  // by the kernel: not asked again
};

Source& TheSource() {
  static Source source;
  return source;
}

// A descriptor that keeps the program; -1: the kernel does not take it.
int LoadVariant(const std::string& path) {
  const LogCapture log;
  bpf_object* object = bpf_object__open_file(path.c_str(), nullptr);
  if (object == nullptr) return -1;
  int fd = -1;
  if (bpf_object__load(object) == 0) {
    bpf_link* link = bpf_program__attach(bpf_object__next_program(object, nullptr));
    if (link != nullptr) {
      fd = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 0);
      bpf_link__destroy(link);
    }
  }
  bpf_object__close(object);
  return fd;
}

// Another descriptor of the link: whoever ends its use does not have to wait for a read.
int BorrowLink() {
  Source& source = TheSource();
  const std::lock_guard lock(source.mutex);
  if (source.directory.empty() || source.refused) return -1;
  for (const char* variant : {"direct", "probe"}) {
    if (source.link >= 0) break;
    source.link = LoadVariant(source.directory + "/tasks." + variant + ".bpf.o");
  }
  source.refused = source.link < 0;
  return source.refused ? -1 : fcntl(source.link, F_DUPFD_CLOEXEC, 0);
}

void Refuse() {
  Source& source = TheSource();
  const std::lock_guard lock(source.mutex);
  source.refused = true;
}

std::string FileText(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string LinkText(const char* path) {
  char target[PATH_MAX];
  const ssize_t size = readlink(path, target, sizeof target);
  return {target, static_cast<size_t>(size < 0 ? 0 : size)};
}

// Field 22, in clock ticks; the name before it may hold anything. "" when there is none.
std::string StartOf(const std::string& stat) {
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  return field;
}

void Add(weir_task_fact* to, const weir_task_fact& from) {
  to->utime += from.utime;
  to->stime += from.stime;
  to->exec_runtime += from.exec_runtime;
  to->read_bytes += from.read_bytes;
  to->write_bytes += from.write_bytes;
  to->cancelled_write_bytes += from.cancelled_write_bytes;
}

}  // namespace

void TaskFacts::Use(const std::string& directory) {
  Source& source = TheSource();
  const std::lock_guard lock(source.mutex);
  if (source.directory == directory) return;
  if (source.link >= 0) close(source.link);
  source.link = -1;
  source.refused = false;
  source.directory = directory;
}

std::shared_ptr<const TaskFacts> TaskFacts::Read() {
  const int link = BorrowLink();
  if (link < 0) return nullptr;
  auto facts = std::make_shared<TaskFacts>();
  const bool whole = facts->Run(link);
  close(link);
  if (!whole) return nullptr;
  if (facts->MatchesThisProcess()) return facts;
  Refuse();
  return nullptr;
}

const TaskFact* TaskFacts::Find(uint32_t pid) const {
  const auto found = tasks_.find(pid);
  return found == tasks_.end() || !found->second.has_leader ? nullptr : &found->second;
}

const std::string& TaskFacts::PathOf(const __u64 (&place)[2]) const {
  static const std::string other;
  for (const Own& own : own_) {
    if (own.place[0] == place[0] && own.place[1] == place[1]) return own.path;
  }
  return other;
}

bool TaskFacts::Run(int link) {
  return ReadIteratorRecords(link,
                             [this](const char* at, size_t size) { return TakeRecord(at, size); });
}

// Its size; 0: it is not whole yet.
size_t TaskFacts::TakeRecord(const char* at, size_t size) {
  weir_task_fact fact;
  if (size < sizeof fact) return 0;
  memcpy(&fact, at, sizeof fact);
  size_t length = sizeof fact;
  std::string path;
  bool cut = false;
  if (fact.pid == fact.tid) {
    for (bool more = true; more;) {
      const auto* end = static_cast<const char*>(memchr(at + length, 0, size - length));
      if (end == nullptr) return 0;
      const std::string name(at + length, end);
      length += name.size() + 1;
      more = !name.empty();
      if (more) path.insert(0, "/" + name);
    }
    if (length == size) return 0;
    cut = at[length++] != 0;
  }
  TaskFact& task = tasks_[fact.pid];
  if (fact.pid == fact.tid) {
    // Threads may have come before their leader.
    const weir_task_fact threads = task.fact;
    task.fact = fact;
    Add(&task.fact, threads);
    task.has_leader = true;
    task.has_cgroup = !cut;
    task.cgroup = path.empty() ? "/" : std::move(path);
  } else {
    Add(&task.fact, fact);
  }
  return length;
}

// In a pid, time or cgroup namespace the files have other numbers and paths than the kernel.
bool TaskFacts::MatchesThisProcess() {
  const TaskFact* self = Find(static_cast<uint32_t>(getpid()));
  if (self == nullptr) return false;
  const std::string start = std::to_string(self->fact.start_time / kNanosecondsPerTick);
  if (start != StartOf(FileText("/proc/self/stat"))) return false;
  // This process holds them, so that no other place can come to have their addresses.
  own_.push_back({{self->fact.root[0], self->fact.root[1]}, LinkText("/proc/self/root")});
  own_.push_back({{self->fact.cwd[0], self->fact.cwd[1]}, LinkText("/proc/self/cwd")});
  const std::string text = FileText("/proc/self/cgroup");
  const std::string first = text.substr(0, text.find('\n'));
  const size_t colon = first.find(':', first.find(':') + 1);
  if (self->has_cgroup && !first.empty() && first.substr(colon + 1) == self->cgroup) return true;
  for (auto& [pid, task] : tasks_) task.has_cgroup = false;
  return true;
}

}  // namespace weir
