// Which families of kernel programs there are, and by which ways each event can be had.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sensor/tiers.h"
#include "weir.h"

namespace weir {

struct ProgramClasses {
  std::string program;
  uint32_t classes = 0;  // WEIR_ON() bits
};

// A program, or only some of its hooks: one that is attached to many system calls serves several
// events. Empty: all of them.
struct Part {
  std::string program;
  std::vector<std::string> calls;
  bool optional = false;  // the way is whole without it
  // What it skips another of the way does: that is no loss.
  bool backed = false;
};

// Programs that together report an event; of two ways only one is in the kernel, or events would
// come twice.
struct Way {
  Tier tier = Tier::kTracepoint;
  std::vector<Part> parts;
  // Only where tasks are preempted in typed tracepoints, and those therefore miss some.
  bool against_preemption = false;
  // Only where returns come by the graph tracer.
  bool by_graph = false;
};

struct EventSpec {
  std::string name;
  std::vector<Way> ways;  // best first; of the last one, programs that cannot be had are left out
};

// One file of bpf/. A new one needs an entry in families.cc and bpf/NAME.bpf.c, nothing else; which
// ring a record goes to is said by the program that makes it.
struct FamilySpec {
  std::string name;
  // WEIR_ON() bits of what its programs feed: they are attached while one of them is on.
  uint32_t classes = 0;
  std::vector<ProgramClasses> except;  // programs that feed others
  // Programs that are not named here are events of their own, with one way.
  std::vector<EventSpec> events;

  uint32_t ClassesOf(const std::string& program) const;
};

// In the order of attachment. The last one is loaded first, because it makes the maps that the
// others borrow; without it there is no sensor, while any other only costs its classes.
const std::vector<FamilySpec>& Families();

}  // namespace weir
