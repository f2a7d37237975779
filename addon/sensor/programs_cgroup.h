// Attaching to the root of cgroup2 without relying on what the host has mounted.
#pragma once

#include <string>

struct bpf_link;
struct bpf_program;

namespace weir {

// Null with the reason when it cannot be done. Other programs that are attached there, or below, go
// on running.
bpf_link* AttachRootCgroup(const bpf_program* program, std::string* reason);

}  // namespace weir
