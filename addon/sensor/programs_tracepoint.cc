#include "sensor/programs_tracepoint.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "sensor/private_mount.h"

namespace weir {
namespace {

int OpenDirectory() {
  int directory = MountPrivately("tracefs");
  for (const char* path : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    if (directory >= 0 && faccessat(directory, "events", F_OK, 0) == 0) break;
    if (directory >= 0) close(directory);
    directory = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
  }
  return directory;
}

}  // namespace

Tracefs::Tracefs() : directory_(OpenDirectory()) {}

Tracefs::~Tracefs() {
  if (directory_ >= 0) close(directory_);
}

int Tracefs::TracepointId(const std::string& name, std::string* reason) const {
  if (directory_ < 0) {
    *reason = "tracefs cannot be had: " + std::string(strerror(errno));
    return -1;
  }
  const std::string path = "events/" + name + "/id";
  const int file = openat(directory_, path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    *reason = errno == ENOENT ? "this kernel has no such tracepoint"
                              : "tracepoint id: " + std::string(strerror(errno));
    return -1;
  }
  char text[16] = {};
  const ssize_t size = read(file, text, sizeof(text) - 1);
  close(file);
  const int id = size > 0 ? atoi(text) : 0;
  if (id > 0) return id;
  *reason = "tracepoint id cannot be read";
  return -1;
}

bpf_link* AttachTracepoint(const Tracefs& tracefs, const bpf_program* program,
                           const std::string& name, int* event, std::string* reason) {
  const int id = tracefs.TracepointId(name, reason);
  if (id < 0) return nullptr;
  perf_event_attr attr = {};
  attr.type = PERF_TYPE_TRACEPOINT;
  attr.size = sizeof(attr);
  attr.config = static_cast<__u64>(id);
  attr.sample_period = 1;
  attr.wakeup_events = 1;
  // One CPU is named, yet the program runs for the tracepoint on all of them.
  *event = static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));
  if (*event < 0) {
    *reason = "perf_event_open: " + std::string(strerror(errno));
    return nullptr;
  }
  bpf_link* link = bpf_program__attach_perf_event(program, *event);
  if (link != nullptr) return link;
  *reason = "attach: " + std::string(strerror(errno));
  close(*event);
  *event = -1;
  return nullptr;
}

}  // namespace weir
