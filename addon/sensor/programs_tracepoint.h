// Attaching to classic tracepoints without relying on what the host has mounted.
#pragma once

#include <string>

struct bpf_link;
struct bpf_program;

namespace weir {

// tracefs through a mount of our own, which no other process can see. Where the kernel is too old
// for that (before 5.2), the host's mounts.
class Tracefs {
 public:
  Tracefs();
  ~Tracefs();
  Tracefs(const Tracefs&) = delete;
  Tracefs& operator=(const Tracefs&) = delete;

  // Id of "syscalls/sys_exit_openat"; -1 with the reason when the kernel has no such tracepoint.
  int TracepointId(const std::string& name, std::string* reason) const;

 private:
  int directory_ = -1;
};

// Null with the reason when it cannot be done. `name` as above. `event` becomes the perf event's
// descriptor; it belongs to the link.
bpf_link* AttachTracepoint(const Tracefs& tracefs, const bpf_program* program,
                           const std::string& name, int* event, std::string* reason);

}  // namespace weir
