#include "sensor/netlink/task.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "sensor/clock.h"
#include "sensor/proc_file.h"

namespace weir {

namespace {

uint64_t KernelDevice(dev_t dev) { return uint64_t{major(dev)} << 20 | minor(dev); }

uint32_t Mix(std::initializer_list<uint64_t> values) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const uint64_t value : values) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

struct Memory {
  unsigned long long start_code = 0, start_stack = 0, start_brk = 0, arg_start = 0, arg_end = 0;
};

bool ParseStat(const std::string& text, Task* task, Memory* memory) {
  // The name in parentheses may itself hold parentheses and spaces: fields begin after the last.
  const size_t open = text.find('(');
  const size_t end = text.rfind(')');
  if (open == std::string::npos || end == std::string::npos || end < open) return false;
  unsigned long long ticks = 0;
  int tty = 0;
  char state = 0;
  const int got =
      sscanf(text.c_str() + end + 1,
             " %c %u %u %u %d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u %*d %llu"
             " %*u %*d %*u %llu %*u %llu %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %*d %*u %*u"
             " %*u %*u %*d %*u %*u %llu %llu %llu",
             &state, &task->parent_pid, &task->pgid, &task->sid, &tty, &task->threads, &ticks,
             &memory->start_code, &memory->start_stack, &memory->start_brk, &memory->arg_start,
             &memory->arg_end);
  // The addresses are hidden (0) from those who may not trace, and absent in old kernels.
  if (got < 7) return false;
  task->zombie = state == 'Z' || state == 'X';
  task->tty = static_cast<uint32_t>(tty);
  // The first process may have begun at tick 0, and 0 means nobody.
  task->start_time = std::max<uint64_t>(ticks * kTickNs, 1);
  const size_t size = std::min(end - open - 1, sizeof task->comm - 1);
  memcpy(task->comm, text.data() + open + 1, size);
  task->comm[size] = '\0';
  return true;
}

void ParseStatus(const std::string& text, Task* task) {
  const auto field = [&text](const char* name) -> const char* {
    const size_t at = text.find(name);
    return at == std::string::npos ? nullptr : text.c_str() + at + strlen(name);
  };
  if (const char* uid = field("\nUid:")) {
    sscanf(uid, "%u %u %u %u", &task->uid, &task->euid, &task->suid, &task->fsuid);
  }
  if (const char* gid = field("\nGid:")) {
    sscanf(gid, "%u %u %u %u", &task->gid, &task->egid, &task->sgid, &task->fsgid);
  }
  task->ns_pid = task->pid;
  if (const char* pids = field("\nNSpid:")) {
    char* end = nullptr;
    while (*pids != '\0' && *pids != '\n') {
      const unsigned long pid = strtoul(pids, &end, 10);
      if (end == pids) break;
      task->ns_pid = static_cast<uint32_t>(pid);
      pids = end;
    }
  }
}

uint32_t Namespace(const std::string& directory, const char* name) {
  struct stat status;
  if (stat((directory + "/ns/" + name).c_str(), &status) != 0) return 0;
  return static_cast<uint32_t>(status.st_ino);
}

void ReadImage(const std::string& directory, TaskImage* image) {
  image->exe = ReadProcLink(directory + "/exe");
  image->cwd = ReadProcLink(directory + "/cwd");
  image->arguments = ReadProcFile(directory + "/cmdline", WEIR_ARGV_MAX + 1);
  image->arguments_size = static_cast<uint32_t>(image->arguments.size());
  image->arguments_cut = image->arguments.size() > WEIR_ARGV_MAX;
  if (image->arguments_cut) image->arguments.resize(WEIR_ARGV_MAX);
}

// Where the cgroup2 tree is mounted; empty when it is not. It does not move while weir runs.
const std::string& CgroupMount() {
  static const std::string mount = [] {
    std::string found;
    FILE* file = fopen("/proc/self/mountinfo", "re");
    if (file == nullptr) return found;
    char line[8192];
    char point[4096];
    while (fgets(line, sizeof line, file) != nullptr) {
      if (strstr(line, " - cgroup2 ") == nullptr) continue;
      if (sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1) found = point;
      break;
    }
    fclose(file);
    return found;
  }();
  return mount;
}

std::string Directory(uint32_t pid) { return "/proc/" + std::to_string(pid); }

}  // namespace

uint64_t ReadCgroup(uint32_t pid, uint64_t otherwise) {
  const std::string text = ReadProcFile(Directory(pid) + "/cgroup", 8192);
  size_t at = text.starts_with("0::") ? 0 : text.find("\n0::");
  if (at == std::string::npos) return otherwise;
  at += at == 0 ? 3 : 4;
  const std::string path = text.substr(at, text.find('\n', at) - at);
  // Not remembered: a service that is started again gets the same folder with another id.
  struct stat status;
  if (CgroupMount().empty() || stat((CgroupMount() + path).c_str(), &status) != 0) return otherwise;
  return status.st_ino;
}

uint64_t ReadStartTime(uint32_t pid) {
  Task task;
  Memory memory;
  if (!ParseStat(ReadProcFile(Directory(pid) + "/stat", 1024), &task, &memory)) return 0;
  return task.start_time;
}

std::optional<Task> ReadTask(uint32_t pid, TaskImage* image) {
  const std::string directory = Directory(pid);
  Task task;
  task.pid = pid;
  // First what goes first when the process ends.
  if (image != nullptr) ReadImage(directory, image);
  Memory memory;
  if (!ParseStat(ReadProcFile(directory + "/stat", 1024), &task, &memory)) return std::nullopt;
  // How many there are beyond those that are read.
  if (image != nullptr && image->arguments_cut && memory.arg_end > memory.arg_start) {
    image->arguments_size = static_cast<uint32_t>(memory.arg_end - memory.arg_start);
  }
  ParseStatus(ReadProcFile(directory + "/status", 4096), &task);
  const std::string login = ReadProcFile(directory + "/loginuid", 32);
  if (!login.empty()) task.auid = static_cast<uint32_t>(strtoul(login.c_str(), nullptr, 10));
  task.cgroup_id = ReadCgroup(pid, 0);
  task.mnt_ns = Namespace(directory, "mnt");
  task.pid_ns = Namespace(directory, "pid");
  task.net_ns = Namespace(directory, "net");
  task.user_ns = Namespace(directory, "user");
  task.uts_ns = Namespace(directory, "uts");
  task.cgroup_ns = Namespace(directory, "cgroup");
  struct stat exe;
  if (stat((directory + "/exe").c_str(), &exe) == 0) {
    task.exe = {KernelDevice(exe.st_dev), exe.st_ino};
    if (image != nullptr) {
      image->has_file = true;
      image->dev = task.exe.dev;
      image->ino = exe.st_ino;
      image->size = static_cast<uint64_t>(exe.st_size);
      image->atime = exe.st_atime;
      image->mtime = exe.st_mtime;
      image->ctime = exe.st_ctime;
      image->mode = exe.st_mode;
      image->uid = exe.st_uid;
      image->gid = exe.st_gid;
      image->nlink = static_cast<uint32_t>(exe.st_nlink);
    }
  }
  task.exec_number = Mix({memory.start_code, memory.start_stack, memory.start_brk, memory.arg_start,
                          task.exe.dev, task.exe.ino});
  if (task.parent_pid != 0) task.parent_start_time = ReadStartTime(task.parent_pid);
  // The pid may have become somebody else's while it was looked at.
  if (ReadStartTime(pid) != task.start_time) return std::nullopt;
  task.read_at = static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME));
  return task;
}

weir_header HeaderOf(const Task& task, uint16_t type, uint64_t time) {
  weir_header h = {};
  h.type = type;
  h.time = time;
  h.start_time = task.start_time;
  h.cgroup_id = task.cgroup_id;
  h.pid = h.tid = task.pid;
  h.self_exec_id = task.exec_number;
  h.mnt_ns = task.mnt_ns;
  h.uid = task.uid, h.gid = task.gid, h.suid = task.suid, h.sgid = task.sgid;
  h.euid = task.euid, h.egid = task.egid, h.fsuid = task.fsuid, h.fsgid = task.fsgid;
  h.auid = task.auid;
  h.count = 1;
  h.syscall = 0xffff;
  memcpy(h.comm, task.comm, sizeof h.comm);
  return h;
}

}  // namespace weir
