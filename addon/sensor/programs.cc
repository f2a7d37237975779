#include "sensor/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>

#include "sensor/families.h"
#include "sensor/programs_detach.h"
#include "sensor/programs_family.h"
#include "sensor/programs_filters.h"

namespace weir {

struct Programs::State {
  State() {
    for (const FamilySpec& spec : Families()) families.push_back(std::make_unique<Family>(spec));
  }
  Family& maker() { return *families.back(); }

  std::vector<std::unique_ptr<Family>> families;  // in the order of attachment
  std::unique_ptr<Tiers> tiers;
  SharedMaps maps;
  std::vector<Hook> missing;        // families that did not load
  uint32_t classes = 0;             // that are on
  bool attached = false;            // Attach was called, and Detach was not
  std::vector<int> leaving;         // of CloseElsewhere
  std::atomic<uint32_t> slots = 0;  // of weir_excluded that were ever used
  // Of the families' attachments: counters and hooks() are read on other threads.
  mutable std::mutex attaching;

  void NoteMissing(const FamilySpec& family, const ProgramsError& why);
  int AttachWanted();
  void DetachUnwanted();
  void WaitForLeaving();
};

namespace {

// Some 30 ms for each tracepoint, on a busy host more.
constexpr int kPatienceMs = 15'000;

template <typename Key>
void Raise(const std::vector<Exclusion<Key>>& exclusions, uint32_t* slots) {
  for (const auto& exclusion : exclusions) *slots = std::max(*slots, exclusion.slot + 1);
}

// One more than the highest.
uint32_t SlotsOf(const KernelSettings& settings) {
  uint32_t slots = 0;
  Raise(settings.not_cgroups, &slots);
  Raise(settings.not_exes, &slots);
  Raise(settings.not_uids, &slots);
  Raise(settings.not_ports, &slots);
  Raise(settings.not_addresses, &slots);
  Raise(settings.not_prefixes, &slots);
  return std::min<uint32_t>(slots, WEIR_EXCLUSION_SLOTS);
}

}  // namespace

void Programs::State::NoteMissing(const FamilySpec& family, const ProgramsError& why) {
  Hook hook;
  hook.event = family.name;
  hook.program = family.name;
  hook.hook = "all";
  hook.tier = "tracepoint";
  hook.reason = why.message;
  hook.classes = family.classes;
  for (const ProgramClasses& one : family.except) hook.classes |= one.classes;
  missing.push_back(std::move(hook));
}

// Returns how many hooks are attached then.
int Programs::State::AttachWanted() {
  const Tracefs tracefs;
  const std::lock_guard lock(attaching);
  WaitForLeaving();
  int attached_now = 0;
  for (const auto& family : families) attached_now += family->Attach(tracefs, classes);
  return attached_now;
}

void Programs::State::DetachUnwanted() {
  const std::lock_guard lock(attaching);
  std::vector<int> events;
  for (const auto& family : families) family->AddEvents(~classes, &events);
  const int left = CloseElsewhere(std::move(events), [this] {
    for (const auto& family : families) family->DetachAllBut(classes);
  });
  if (left >= 0) leaving.push_back(left);
}

// A class that goes on again at once would find its programs there, and stay without when they go.
void Programs::State::WaitForLeaving() {
  const bool lacking = std::any_of(families.begin(), families.end(),
                                   [this](const auto& family) { return family->Lacks(classes); });
  if (!lacking) return;
  for (const int descriptor : leaving) WaitClosed(descriptor, kPatienceMs);
  leaving.clear();
}

Programs::Programs() : state_(std::make_unique<State>()) {}

Programs::~Programs() {
  Detach();
  for (const int descriptor : state_->leaving) close(descriptor);
}

bool Programs::Load(const std::string& bpf_directory, Tier best, ProgramsError* error) {
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
    *error = {"BPF_UNSUPPORTED", "the kernel tells no types: /sys/kernel/btf/vmlinux is missing"};
    return false;
  }
  state_->tiers = std::make_unique<Tiers>(bpf_directory, best);
  const Tiers& tiers = *state_->tiers;
  if (!state_->maker().Load(bpf_directory, tiers, &state_->maps, error)) return false;
  // Verifying takes most of the time, so the others go side by side.
  struct Loading {
    Family* family;
    SharedMaps maps;
    ProgramsError error;
    bool loaded = false;
    std::thread thread;
  };
  std::vector<Loading> others(state_->families.size() - 1);
  for (size_t i = 0; i < others.size(); i++) {
    Loading& one = others[i];
    one.family = state_->families[i].get();
    one.maps = state_->maps;
    one.thread = std::thread(
        [&] { one.loaded = one.family->Load(bpf_directory, tiers, &one.maps, &one.error); });
  }
  for (Loading& one : others) one.thread.join();
  for (Loading& one : others) {
    if (one.loaded) {
      state_->maps.merge(one.maps);
    } else {
      state_->NoteMissing(one.family->spec(), one.error);
    }
  }
  return true;
}

bool Programs::Attach(ProgramsError* error) {
  state_->attached = true;
  const int attached = state_->AttachWanted();
  std::string reason;
  for (const Hook& hook : hooks()) {
    if (hook.wanted && reason.empty()) reason = hook.hook + ": " + hook.reason;
  }
  if (attached > 0 || reason.empty()) return true;
  *error = {"BPF_ATTACH_FAILED", reason};
  return false;
}

void Programs::Detach() {
  if (!state_->maps.empty()) {
    // The programs run until the kernel has let go of them; from here on they see nothing.
    KernelSettings nothing;
    nothing.classes = 0;
    ProgramsError ignored;
    WriteSettings(state_->maps, nothing, &ignored);
  }
  state_->attached = false;
  state_->classes = 0;
  state_->DetachUnwanted();
}

bool Programs::SetConfig(const KernelSettings& settings, ProgramsError* error) {
  const uint32_t before = state_->classes;
  state_->slots = std::max(state_->slots.load(), SlotsOf(settings));
  // A class is on only while all its hooks are there, or what it has `seen` would mean nothing. The
  // rows of process_seen come with those of any class.
  state_->classes = settings.classes == 0 ? 0 : settings.classes | WEIR_ON(WEIR_CLASS_SEEN);
  const uint32_t begun = state_->classes & ~before;
  // What was known of credentials is of before the pause: comparing it would accuse the innocent.
  if (begun & WEIR_ON(WEIR_CLASS_KERNEL)) ClearMap(state_->maps, "weir_credentials");
  if (state_->attached) state_->AttachWanted();
  const bool written = WriteSettings(state_->maps, settings, error);
  if (!written) state_->classes = before;
  if (state_->attached) state_->DetachUnwanted();
  return written;
}

KernelCounters Programs::ReadCounters() const {
  KernelCounters counters;
  const auto map = state_->maps.find("weir_counters");
  if (map == state_->maps.end()) return counters;
  std::vector<uint64_t> values(libbpf_num_possible_cpus());
  for (uint32_t c = 0; c < WEIR_CLASSES; c++) {
    // `seen` first: what is counted meanwhile then shows as accounted for, never as missing.
    for (uint32_t i = 0; i < WEIR_COUNTERS; i++) {
      const uint32_t key = c * WEIR_COUNTERS + i;
      if (bpf_map_lookup_elem(map->second, &key, values.data()) != 0) continue;
      for (uint64_t value : values) counters.values[c][i] += static_cast<int64_t>(value);
    }
  }
  const auto excluded = state_->maps.find("weir_excluded");
  for (uint32_t slot = 0; excluded != state_->maps.end() && slot < state_->slots; slot++) {
    if (bpf_map_lookup_elem(excluded->second, &slot, values.data()) != 0) break;
    for (uint64_t value : values) counters.excluded[slot] += static_cast<int64_t>(value);
  }
  for (const Hook& hook : hooks()) {
    for (uint32_t c = 0; c < WEIR_CLASSES; c++) {
      if (hook.classes & WEIR_ON(c)) {
        counters.recursion_misses[c] += static_cast<int64_t>(hook.recursion_misses);
      }
    }
  }
  return counters;
}

std::vector<Hook> Programs::hooks() const {
  const std::lock_guard lock(state_->attaching);
  std::vector<Hook> all = state_->missing;
  for (const auto& family : state_->families) {
    for (Hook& hook : family->Hooks()) all.push_back(std::move(hook));
  }
  for (Hook& hook : all) hook.wanted = state_->attached && (hook.classes & state_->classes) != 0;
  return all;
}

int Programs::EnableRunStatistics() { return bpf_enable_stats(BPF_STATS_RUN_TIME); }

int Programs::lifecycle_ring_fd() const {
  const auto map = state_->maps.find("weir_lifecycle");
  return map == state_->maps.end() ? -1 : map->second;
}

int Programs::noise_ring_fd() const {
  const auto map = state_->maps.find("weir_noise");
  return map == state_->maps.end() ? -1 : map->second;
}

void Programs::ReaderIsAwake(int64_t time) const {
  const auto map = state_->maps.find("weir_wake");
  const uint32_t lifecycle = 0;
  if (map != state_->maps.end()) bpf_map_update_elem(map->second, &lifecycle, &time, BPF_ANY);
}

std::unique_ptr<TaskIterator> Programs::Tasks() const {
  bpf_link* link = state_->maker().iterator();
  return link == nullptr ? nullptr : TaskIterator::Of(bpf_link__fd(link));
}

int64_t Programs::LostProcesses() const {
  const auto map = state_->maps.find("weir_counters");
  if (map == state_->maps.end()) return 0;
  int64_t lost = 0;
  std::vector<uint64_t> values(libbpf_num_possible_cpus());
  for (const uint32_t c : {WEIR_CLASS_PROCESS, WEIR_CLASS_LIFECYCLE}) {
    for (const uint32_t counter : {WEIR_LOST_RING, WEIR_LOST_MAP}) {
      const uint32_t key = c * WEIR_COUNTERS + counter;
      if (bpf_map_lookup_elem(map->second, &key, values.data()) != 0) continue;
      for (const uint64_t value : values) lost += static_cast<int64_t>(value);
    }
  }
  return lost;
}

bool Programs::ExeKey(const std::string& path, weir_exe_key* key) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return false;
  // The kernel's own dev_t: 12 bits of major above 20 of minor.
  key->dev = static_cast<uint64_t>(major(status.st_dev)) << 20 | minor(status.st_dev);
  key->ino = status.st_ino;
  return true;
}

}  // namespace weir
