#include "sensor/programs_functions.h"

#include <bpf/libbpf.h>

#include <algorithm>

namespace weir {
namespace {

bool IsAtReturn(const bpf_program* program) {
  return std::string_view(bpf_program__section_name(program)).starts_with("kretprobe");
}

}  // namespace

bool IsCallFunction(std::string_view function) {
  return function.starts_with("__x64_sys_") || function.starts_with("__arm64_sys_");
}

void TakeManyFunctions(bpf_program* program) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_MULTI);
}

bool TakesManyFunctions(const bpf_program* program) {
  return bpf_program__expected_attach_type(program) == BPF_TRACE_KPROBE_MULTI;
}

bpf_link* AttachFunctions(const bpf_program* program, const std::vector<std::string>& functions) {
  std::vector<const char*> names(functions.size());
  std::transform(functions.begin(), functions.end(), names.begin(),
                 [](const std::string& function) { return function.c_str(); });
  LIBBPF_OPTS(bpf_kprobe_multi_opts, options);
  options.syms = names.data();
  options.cnt = names.size();
  options.retprobe = IsAtReturn(program);
  return bpf_program__attach_kprobe_multi_opts(program, nullptr, &options);
}

bpf_link* AttachFunction(const bpf_program* program, const std::string& function) {
  return bpf_program__attach_kprobe(program, IsAtReturn(program), function.c_str());
}

}  // namespace weir
