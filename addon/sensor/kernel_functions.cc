#include "sensor/kernel_functions.h"

#include <bpf/btf.h>

namespace weir {

// One walk over all types: libbpf's search by name would be one for each function.
std::map<std::string, int> ArgumentCounts(const std::set<std::string>& functions) {
  std::map<std::string, int> counts;
  btf* kernel = functions.empty() ? nullptr : btf__load_vmlinux_btf();
  if (kernel == nullptr) return counts;
  const auto types = static_cast<int>(btf__type_cnt(kernel));
  for (int id = 1; id < types; id++) {
    const btf_type* type = btf__type_by_id(kernel, id);
    if (!btf_is_func(type)) continue;
    const std::string name = btf__name_by_offset(kernel, type->name_off);
    if (!functions.contains(name)) continue;
    counts[name] = btf_vlen(btf__type_by_id(kernel, type->type));
  }
  btf__free(kernel);
  return counts;
}

KprobeKinds KprobeKindsOfKernel() {
  btf* kernel = btf__load_vmlinux_btf();
  if (kernel == nullptr) return {};
  const auto has = [kernel](const char* name) {
    return btf__find_by_name_kind(kernel, name, BTF_KIND_STRUCT) > 0;
  };
  const KprobeKinds kinds{has("bpf_kprobe_multi_link"), has("fprobe_hlist")};
  btf__free(kernel);
  return kinds;
}

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

}  // namespace weir
