#include "sensor/programs_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <ctime>

namespace weir {
namespace {

// Where the kernel never preempts a program, only an interrupt gets in its way.
constexpr uint32_t kSlotsWithoutPreemption = 2;

// Sets how many slots of scratch a CPU has (bpf/lib/slots.h), and returns that.
uint32_t SetSlots(bpf_object* object, const Tiers& tiers) {
  uint32_t slots = kSlotsWithoutPreemption;
  char* constant = FindConstant(object, "slots_a_cpu");
  if (constant == nullptr) return slots;
  if (tiers.may_preempt()) {
    memcpy(&slots, constant, sizeof(slots));
  } else {
    memcpy(constant, &slots, sizeof(slots));
  }
  return slots;
}

// Tells the programs how long a tick is (bpf/lib/clock.h).
void SetTick(bpf_object* object) {
  char* constant = FindConstant(object, "tick_ns");
  timespec tick = {};
  if (constant == nullptr || clock_getres(CLOCK_MONOTONIC_COARSE, &tick) != 0) return;
  const auto tick_ns = static_cast<uint32_t>(tick.tv_nsec);
  memcpy(constant, &tick_ns, sizeof(tick_ns));
}

}  // namespace

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

bool PrepareMaps(bpf_object* object, const Tiers& tiers, const SharedMaps& shared, bool keeps) {
  const uint32_t slots = SetSlots(object, tiers);
  SetTick(object);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = bpf_map__name(map);
    if (name == "scratch_slots") {
      if (bpf_map__set_max_entries(map, libbpf_num_possible_cpus() * slots) != 0) {
        return false;
      }
    }
    if (name.starts_with("kept_") && bpf_map__set_autocreate(map, keeps) != 0) return false;
    const auto lent = shared.find(name);
    if (lent != shared.end() && bpf_map__reuse_fd(map, lent->second) != 0) return false;
  }
  return true;
}

}  // namespace weir
