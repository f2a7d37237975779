#include "sensor/sensor.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "batch/counters.h"

namespace weir {

namespace {

struct KernelStage {
  weir_counter counter;
  Stage stage;
};

constexpr KernelStage kKernelStages[] = {
    {WEIR_SEEN, Stage::kSeen},
    {WEIR_SUBMITTED, Stage::kSubmitted},
    {WEIR_EXCLUDED, Stage::kExcludedKernel},
    {WEIR_COALESCED, Stage::kCoalescedKernel},
    {WEIR_RATE_LIMITED, Stage::kRateLimited},
    {WEIR_LOST_RING, Stage::kLostRing},
    {WEIR_LOST_MAP, Stage::kLostMap},
    {WEIR_PAGE_FAULT, Stage::kPageFault},
};

std::unique_ptr<Ring> MapRing(int fd) {
  bpf_map_info info = {};
  __u32 size = sizeof info;
  if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return nullptr;
  return Ring::Map(fd, info.max_entries);
}

}  // namespace

Sensor::Sensor(SensorSettings settings, std::function<void()> wake)
    : settings_(std::move(settings)),
      queue_(settings_.queue_batches, settings_.queue_bytes, std::move(wake)) {}

Sensor::~Sensor() {
  Stop();
  queue_.Discard();
}

bool Sensor::Start(ProgramsError* error) {
  counted_ = {};
  programs_ = std::make_unique<Programs>();
  if (!programs_->Load(settings_.bpf_directory, settings_.best_tier, error) ||
      !programs_->SetConfig(settings_.kernel, error) || !programs_->Attach(error) ||
      !StartReader(error)) {
    reader_.reset();
    programs_.reset();
    return false;
  }
  started_ = true;
  TheCounters().SetRefresh(this, [this] { RefreshCounters(); });
  return true;
}

bool Sensor::StartReader(ProgramsError* error) {
  auto lifecycle = MapRing(programs_->lifecycle_ring_fd());
  auto noise = MapRing(programs_->noise_ring_fd());
  if (lifecycle == nullptr || noise == nullptr) {
    *error = {"BPF_MAP_FAILED", std::string("rings cannot be mapped: ") + strerror(errno)};
    return false;
  }
  auto decoder = std::make_unique<Decoder>(Identity::OfThisBoot(), ProcReader(),
                                           std::exchange(settings_.known, {}));
  // What is attached already fills the rings meanwhile, so nothing falls between seed and events.
  // Without the iterator processes are met in their first event; hooks() says that it is missing.
  auto tasks = programs_->Tasks();
  const auto seed = [&](const weir_exec_event* record, size_t size) {
    decoder->Seed(record, size);
    if (decoder->full()) queue_.Push(decoder->Seal());
  };
  if (tasks != nullptr && tasks->Run(seed)) decoder->SeedDone();
  // The reader ends before the programs do.
  Reconciler reconciler(std::move(tasks), [this] { return programs_->LostProcesses(); });
  reader_ = std::make_unique<Reader>(std::move(lifecycle), std::move(noise), std::move(decoder),
                                     std::move(reconciler), queue_, settings_.batch_ns,
                                     [this](int64_t time) { programs_->ReaderIsAwake(time); });
  if (reader_->Start()) return true;
  *error = {"BPF_MAP_FAILED", std::string("rings cannot be polled: ") + strerror(errno)};
  return false;
}

void Sensor::RefreshCounters() {
  const KernelCounters now = programs_->ReadCounters();
  Counters& counters = TheCounters();
  for (int c = 0; c < WEIR_CLASSES; ++c) {
    if (c == WEIR_CLASS_SEEN) continue;  // made by the decoder, counted there
    for (const KernelStage& k : kKernelStages) {
      counters.Add(k.stage, c, now.values[c][k.counter] - counted_.values[c][k.counter]);
    }
    counters.Add(Stage::kRecursionMiss, c, now.recursion_misses[c] - counted_.recursion_misses[c]);
  }
  for (int slot = 0; slot < WEIR_EXCLUSION_SLOTS; ++slot) {
    const int64_t rows = now.excluded[slot] - counted_.excluded[slot];
    if (rows != 0) counters.AddExcluded(slot, rows);
  }
  counted_ = now;
}

bool Sensor::Configure(const KernelSettings& kernel, ProgramsError* error) {
  settings_.kernel = kernel;
  return !started_ || programs_->SetConfig(kernel, error);
}

BatchPtr Sensor::Next() {
  bool freed = false;
  BatchPtr batch = queue_.Pop(&freed);
  if (freed && reader_ != nullptr) reader_->Resume();
  return batch;
}

void Sensor::Drain() {
  if (started_) reader_->Drain();
}

void Sensor::Stop() {
  if (!started_) return;
  started_ = false;
  programs_->Detach();
  reader_->Stop();
  TheCounters().ClearRefresh(this);
  RefreshCounters();
  reader_.reset();
  programs_.reset();
}

}  // namespace weir
