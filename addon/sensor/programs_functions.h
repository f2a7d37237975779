// Attaching to functions of the kernel by kprobes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

struct bpf_link;
struct bpf_program;

namespace weir {

// "__x64_sys_mount", "__arm64_sys_mount": where a system call begins.
bool IsCallFunction(std::string_view function);

// Before the program is loaded: it will be attached by AttachFunctions.
void TakeManyFunctions(bpf_program* program);
bool TakesManyFunctions(const bpf_program* program);

// At their returns when the program's section says so. Null, with errno, when one of them refuses.
bpf_link* AttachFunctions(const bpf_program* program, const std::vector<std::string>& functions);
bpf_link* AttachFunction(const bpf_program* program, const std::string& function);

}  // namespace weir
