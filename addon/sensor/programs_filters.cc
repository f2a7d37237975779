#include "sensor/programs_filters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <vector>

namespace weir {
namespace {

constexpr uint32_t kAll = WEIR_FILTER_KIND_ALL;

template <typename T>
std::string Bytes(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

// What one map should hold, keys and values as bytes.
class Filter {
 public:
  Filter(int fd, size_t key_size, const char* name) : fd_(fd), key_size_(key_size), name_(name) {}

  template <typename K, typename V>
  void Set(const K& key, const V& value) {
    entries_[Bytes(key)] = Bytes(value);
  }
  // What is set for the key; null: nothing.
  template <typename V, typename K>
  const V* Find(const K& key) const {
    const auto found = entries_.find(Bytes(key));
    return found == entries_.end() ? nullptr : reinterpret_cast<const V*>(found->second.data());
  }
  bool empty() const { return entries_.empty(); }

  bool Insert(ProgramsError* error) const {
    for (const auto& [key, value] : entries_) {
      if (bpf_map_update_elem(fd_, key.data(), value.data(), BPF_ANY) == 0) continue;
      *error = {"BPF_MAP_FAILED",
                std::string(name_) + ": " +
                    (errno == E2BIG || errno == ENOSPC ? "too many entries" : strerror(errno))};
      return false;
    }
    return true;
  }

  void DeleteOthers() const {
    std::vector<std::string> stale;
    std::string key(key_size_, '\0');
    const void* previous = nullptr;
    std::string next(key_size_, '\0');
    while (bpf_map_get_next_key(fd_, previous, next.data()) == 0) {
      if (!entries_.contains(next)) stale.push_back(next);
      key = next;
      previous = key.data();
    }
    for (const std::string& old : stale) bpf_map_delete_elem(fd_, old.data());
  }

 private:
  int fd_;
  size_t key_size_;
  const char* name_;
  std::map<std::string, std::string> entries_;
};

bool PrefixKey(const std::string& prefix, weir_prefix_key* key, ProgramsError* error) {
  if (prefix.size() > WEIR_PREFIX_MAX) {
    *error = {"BPF_MAP_FAILED",
              "longer than " + std::to_string(WEIR_PREFIX_MAX) + " bytes: " + prefix};
    return false;
  }
  *key = {};
  key->bits = static_cast<__u32>(prefix.size() * 8);
  memcpy(key->path, prefix.data(), prefix.size());
  return true;
}

// Exclusions with one key are one entry: for the classes of all, and counted as the first.
template <typename Key>
void Exclude(const Key& key, uint32_t classes, uint32_t slot, Filter* filter) {
  weir_exclusion entry = {classes, slot};
  if (const auto* before = filter->Find<weir_exclusion>(key); before != nullptr) {
    entry = {before->classes | classes, before->slot};
  }
  filter->Set(key, entry);
}

template <typename Key>
void ExcludeAll(const std::vector<Exclusion<Key>>& exclusions, Filter* filter) {
  for (const auto& [key, classes, slot] : exclusions) Exclude(key, classes, slot, filter);
}

constexpr uint64_t kSecond = 1'000'000'000;

// What one event costs of a bucket's time, and how much of it may be saved up.
void SetBucket(uint32_t rate, uint32_t burst, __u64* cost, __u64* depth) {
  if (rate == 0) return;
  *cost = std::max<uint64_t>(kSecond / rate, 1);
  *depth = *cost * burst;
}

void SetLimits(const KernelSettings& settings, weir_config* config) {
  SetBucket(settings.tree_rate, settings.rate_burst, &config->tree_cost_ns, &config->tree_depth_ns);
  SetBucket(settings.cgroup_rate, settings.rate_burst, &config->cgroup_cost_ns,
            &config->cgroup_depth_ns);
  uint32_t lowest = settings.tree_rate;
  if (lowest == 0 || (settings.cgroup_rate != 0 && settings.cgroup_rate < lowest)) {
    lowest = settings.cgroup_rate;
  }
  if (lowest == 0) return;
  // A flow below an eighth of the limit is not even looked at. Ticks are 1 to 10 ms long; taken for
  // 1 ms, what slips by is less than that eighth.
  const auto processors = static_cast<uint32_t>(libbpf_num_possible_cpus());
  config->busy_rows = 1 + lowest / 1000 / processors / 8;
}

}  // namespace

bool WriteSettings(const std::map<std::string, int>& maps, const KernelSettings& settings,
                   ProgramsError* error) {
  const auto filter = [&maps](const char* name, size_t key_size) {
    return Filter(maps.at(name), key_size, name);
  };
  Filter only_cgroups = filter("weir_only_cgroups", sizeof(uint64_t));
  Filter only_exes = filter("weir_only_exes", sizeof(weir_exe_key));
  Filter not_cgroups = filter("weir_not_cgroups", sizeof(uint64_t));
  Filter not_exes = filter("weir_not_exes", sizeof(weir_exe_key));
  Filter not_uids = filter("weir_not_uids", sizeof(uint32_t));
  Filter not_ports = filter("weir_not_ports", sizeof(uint16_t));
  Filter not_addresses = filter("weir_not_addresses", sizeof(weir_address_key));
  Filter own_pids = filter("weir_own_pids", sizeof(uint32_t));
  Filter not_prefixes = filter("weir_not_prefixes", sizeof(weir_prefix_key));
  Filter read_prefixes = filter("weir_read_prefixes", sizeof(weir_prefix_key));
  Filter protected_exes = filter("weir_protected", sizeof(weir_exe_key));
  for (uint64_t id : settings.only_cgroups) only_cgroups.Set(id, kAll);
  for (const weir_exe_key& key : settings.only_exes) only_exes.Set(key, kAll);
  ExcludeAll(settings.not_cgroups, &not_cgroups);
  ExcludeAll(settings.not_exes, &not_exes);
  ExcludeAll(settings.not_uids, &not_uids);
  ExcludeAll(settings.not_ports, &not_ports);
  ExcludeAll(settings.not_addresses, &not_addresses);
  for (const weir_exe_key& key : settings.protected_exes) protected_exes.Set(key, uint8_t{1});
  for (uint32_t pid : settings.own_pids) own_pids.Set(pid, uint8_t{1});
  weir_prefix_key prefix_key;
  for (const auto& [prefix, classes, slot] : settings.not_prefixes) {
    if (!PrefixKey(prefix, &prefix_key, error)) return false;
    Exclude(prefix_key, classes, slot, &not_prefixes);
  }
  for (const std::string& prefix : settings.read_prefixes) {
    if (!PrefixKey(prefix, &prefix_key, error)) return false;
    read_prefixes.Set(prefix_key, uint32_t{WEIR_ON(WEIR_CLASS_FILE)});
  }

  weir_config config = {};
  config.classes = settings.classes;
  config.own_pid = settings.own_pid != 0 ? settings.own_pid : static_cast<__u32>(getpid());
  config.only_cgroups = !only_cgroups.empty();
  config.only_exes = !only_exes.empty();
  config.not_cgroups = !not_cgroups.empty();
  config.not_exes = !not_exes.empty();
  config.not_uids = !not_uids.empty();
  config.not_ports = !not_ports.empty();
  config.not_prefixes = !not_prefixes.empty();
  config.not_addresses = !not_addresses.empty();
  config.read_prefixes = !read_prefixes.empty();
  config.unix_sockets = settings.unix_sockets;
  config.own_pids = !own_pids.empty();
  config.send_window = settings.send_window_ns;
  config.repeat_interval_ns = settings.repeat_interval_ns;
  config.repeat_burst = settings.repeat_burst;
  SetLimits(settings, &config);

  const Filter* all[] = {&only_cgroups, &only_exes,     &not_cgroups,   &not_exes,
                         &not_uids,     &not_ports,     &not_prefixes,  &not_addresses,
                         &own_pids,     &read_prefixes, &protected_exes};
  for (const Filter* one : all) {
    if (!one->Insert(error)) return false;
  }
  const uint32_t zero = 0;
  // Before the classes: who is protected is known when something begins to be judged.
  if (bpf_map_update_elem(maps.at("weir_behavior"), &zero, &settings.behavior, BPF_ANY) != 0) {
    *error = {"BPF_MAP_FAILED", std::string("weir_behavior: ") + strerror(errno)};
    return false;
  }
  if (bpf_map_update_elem(maps.at("weir_settings"), &zero, &config, BPF_ANY) != 0) {
    *error = {"BPF_MAP_FAILED", std::string("weir_settings: ") + strerror(errno)};
    return false;
  }
  for (const Filter* one : all) one->DeleteOthers();
  return true;
}

void ClearMap(const std::map<std::string, int>& maps, const std::string& name) {
  const auto map = maps.find(name);
  if (map == maps.end()) return;
  bpf_map_info info = {};
  __u32 size = sizeof info;
  if (bpf_obj_get_info_by_fd(map->second, &info, &size) != 0) return;
  std::string key(info.key_size, '\0');
  // At most as many as it holds: programs may add to it meanwhile.
  for (uint32_t i = 0; i < info.max_entries; i++) {
    if (bpf_map_get_next_key(map->second, nullptr, key.data()) != 0) return;
    bpf_map_delete_elem(map->second, key.data());
  }
}

}  // namespace weir
