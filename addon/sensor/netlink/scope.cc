#include "sensor/netlink/scope.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace weir {

namespace {

bool Same(const weir_exe_key& a, const weir_exe_key& b) { return a.dev == b.dev && a.ino == b.ino; }

template <typename Key, typename Equal>
std::optional<uint32_t> First(const std::vector<Exclusion<Key>>& rules, int event_class,
                              Equal equal) {
  for (const auto& rule : rules) {
    if ((rule.classes & WEIR_ON(event_class)) != 0 && equal(rule.key)) return rule.slot;
  }
  return std::nullopt;
}

bool SameBits(const uint8_t* a, const uint8_t* b, uint32_t bits) {
  if (memcmp(a, b, bits / 8) != 0) return false;
  const uint32_t rest = bits % 8;
  return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

bool Below(const std::vector<std::string>& prefixes, std::string_view path) {
  return std::ranges::any_of(prefixes,
                             [&](const auto& prefix) { return path.starts_with(prefix); });
}

}  // namespace

void Scope::Set(const KernelSettings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
  if (settings_.own_pid == 0) settings_.own_pid = static_cast<uint32_t>(getpid());
}

bool Scope::On(int event_class) const {
  const std::lock_guard lock(mutex_);
  return (settings_.classes & WEIR_ON(event_class)) != 0;
}

bool Scope::IsOwn(uint32_t pid) const {
  const std::lock_guard lock(mutex_);
  return pid == settings_.own_pid ||
         std::ranges::find(settings_.own_pids, pid) != settings_.own_pids.end();
}

bool Scope::Has(const Task& task, int event_class) const {
  if (!On(event_class) || IsOwn(task.pid)) return false;
  const std::lock_guard lock(mutex_);
  const auto& cgroups = settings_.only_cgroups;
  const auto& exes = settings_.only_exes;
  if (!cgroups.empty() && std::ranges::find(cgroups, task.cgroup_id) == cgroups.end()) return false;
  return exes.empty() ||
         std::ranges::any_of(exes, [&](const auto& exe) { return Same(exe, task.exe); });
}

std::optional<uint32_t> Scope::Excludes(const Task& task, int event_class) const {
  const std::lock_guard lock(mutex_);
  const bool known = task.start_time != 0;
  auto slot =
      First(settings_.not_cgroups, event_class, [&](uint64_t id) { return id == task.cgroup_id; });
  if (!slot && known) {
    slot = First(settings_.not_exes, event_class,
                 [&](const auto& exe) { return Same(exe, task.exe); });
  }
  if (!slot && known) {
    slot = First(settings_.not_uids, event_class, [&](uint32_t uid) { return uid == task.uid; });
  }
  return slot;
}

std::optional<uint32_t> Scope::ExcludesPath(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  return First(settings_.not_prefixes, WEIR_CLASS_FILE,
               [&](const auto& prefix) { return path.starts_with(prefix); });
}

std::optional<uint32_t> Scope::ExcludesPorts(uint16_t local, uint16_t remote) const {
  const std::lock_guard lock(mutex_);
  return First(settings_.not_ports, WEIR_CLASS_SOCKET,
               [&](uint16_t port) { return port == local || port == remote; });
}

std::optional<uint32_t> Scope::ExcludesAddress(uint16_t family, const uint8_t* remote) const {
  const std::lock_guard lock(mutex_);
  return First(settings_.not_addresses, WEIR_CLASS_SOCKET, [&](const auto& network) {
    return network.family == family && SameBits(network.address, remote, network.bits - 32);
  });
}

bool Scope::Reads(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  return Below(settings_.read_prefixes, path);
}

bool Scope::HasReads() const {
  const std::lock_guard lock(mutex_);
  return !settings_.read_prefixes.empty();
}

}  // namespace weir
