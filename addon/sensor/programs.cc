#include "sensor/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "sensor/programs_detach.h"
#include "sensor/programs_family.h"
#include "sensor/programs_filters.h"

namespace weir {

struct Programs::State {
  // The process family comes first: it makes the maps that the others borrow.
  Family process{"process"};
  Family socket{"socket"};
  Family file{"file"};
  SharedMaps maps;
  std::vector<Hook> missing;  // families that did not load
};

Programs::Programs() : state_(std::make_unique<State>()) {}

Programs::~Programs() { Detach(); }

bool Programs::Load(const std::string& bpf_directory, ProgramsError* error) {
  if (access("/sys/kernel/btf/vmlinux", R_OK) != 0) {
    *error = {"BPF_UNSUPPORTED", "the kernel tells no types: /sys/kernel/btf/vmlinux is missing"};
    return false;
  }
  if (!state_->process.Load(bpf_directory, &state_->maps, error)) return false;
  // Verifying takes most of the time, so the two go side by side.
  ProgramsError socket_error;
  ProgramsError file_error;
  SharedMaps socket_maps = state_->maps;
  bool socket_loaded = false;
  std::thread other(
      [&] { socket_loaded = state_->socket.Load(bpf_directory, &socket_maps, &socket_error); });
  const bool file_loaded = state_->file.Load(bpf_directory, &state_->maps, &file_error);
  other.join();
  const auto note_missing = [this](const Family& family, const ProgramsError& why,
                                   uint32_t classes) {
    Hook hook;
    hook.program = family.name();
    hook.hook = "all";
    hook.tier = "tracepoint";
    hook.reason = why.message;
    hook.classes = classes;
    state_->missing.push_back(std::move(hook));
  };
  if (!socket_loaded) note_missing(state_->socket, socket_error, WEIR_ON(WEIR_CLASS_SOCKET));
  if (!file_loaded) note_missing(state_->file, file_error, WEIR_ON(WEIR_CLASS_FILE));
  return true;
}

bool Programs::Attach(ProgramsError* error) {
  const Tracefs tracefs;
  // Files before processes: a process that ends closes its files, and those records come first.
  int attached = state_->file.Attach(tracefs);
  attached += state_->socket.Attach(tracefs);
  attached += state_->process.Attach(tracefs);
  if (attached > 0) return true;
  const std::vector<Hook> all = hooks();
  *error = {"BPF_ATTACH_FAILED", all.empty() ? "nothing is loaded" : all.front().reason};
  return false;
}

void Programs::Detach() {
  std::vector<int> events;
  for (const Family* family : {&state_->file, &state_->socket, &state_->process}) {
    family->AddEvents(&events);
  }
  if (!state_->maps.empty()) {
    // The programs run until the kernel has let go of them; from here on they see nothing.
    KernelSettings nothing;
    nothing.classes = 0;
    ProgramsError ignored;
    WriteSettings(state_->maps, nothing, &ignored);
  }
  CloseElsewhere(std::move(events), [this] {
    state_->file.Detach();
    state_->socket.Detach();
    state_->process.Detach();
  });
}

bool Programs::SetConfig(const KernelSettings& settings, ProgramsError* error) {
  return WriteSettings(state_->maps, settings, error);
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
  std::vector<Hook> all = state_->missing;
  for (const Family* family : {&state_->process, &state_->socket, &state_->file}) {
    for (Hook& hook : family->Hooks()) all.push_back(std::move(hook));
  }
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

bool Programs::SeedTasks(
    const std::function<void(const weir_exec_event* record, size_t size)>& record,
    ProgramsError* error) {
  bpf_link* link = state_->process.iterator();
  const int iterator = link == nullptr ? -1 : bpf_iter_create(bpf_link__fd(link));
  if (iterator < 0) {
    *error = {"BPF_ATTACH_FAILED", "the task iterator cannot be had"};
    return false;
  }
  // The kernel hands over whole records or parts of them, as its buffer of 32 KiB has room.
  std::vector<char> buffer(64 * 1024);
  size_t filled = 0;
  ssize_t size = 0;
  for (;;) {
    size = read(iterator, buffer.data() + filled, buffer.size() - filled);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size <= 0) break;
    filled += static_cast<size_t>(size);
    size_t at = 0;
    while (filled - at >= sizeof(weir_exec_event)) {
      weir_exec_event event;
      memcpy(&event, buffer.data() + at, sizeof(event));
      size_t length = sizeof(event);
      for (uint16_t string : event.h.string_length) length += string;
      if (filled - at < length) break;
      std::vector<uint64_t> aligned((length + 7) / 8);
      memcpy(aligned.data(), buffer.data() + at, length);
      record(reinterpret_cast<const weir_exec_event*>(aligned.data()), length);
      at += length;
    }
    memmove(buffer.data(), buffer.data() + at, filled - at);
    filled -= at;
  }
  const int failure = errno;
  close(iterator);
  if (size == 0) return true;
  *error = {"BPF_MAP_FAILED", std::string("task iterator: ") + strerror(failure)};
  return false;
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
