// The sum of weir_loss, by class and stage. Each stage has one owner that writes it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "weir_schema.h"

namespace weir {

enum class Stage : int {
  // What the kernel's counters say, as sensors read them (RefreshCounters); providers without eBPF
  // count for themselves.
  kSeen,
  kSubmitted,
  kExcludedKernel,
  kCoalescedKernel,
  kRateLimited,
  kLostRing,
  kLostMap,
  kPageFault,
  kRecursionMiss,
  // The sensor's reader thread.
  kDecoded,     // records taken out of a ring or made by the sensor (seen, fallback providers)
  kDelivered,   // rows handed to JavaScript
  kLostDecode,  // records that made no sense
  kFolded,      // records that are part of a row which another record completes
  kSplit,       // rows that a record made beside its first
  kLostQueue,   // rows thrown away because JavaScript did not keep up
  // JavaScript, on the main thread.
  kExcludedStream,
  kCoalescedStream,
  kPendingStream,
  // The store.
  kAppended,   // rows visible to queries
  kLostStore,  // rows given up because they could not be kept
  kStages,
};

class Counters {
 public:
  void Add(Stage stage, int event_class, int64_t rows) {
    value(stage, event_class).fetch_add(rows, std::memory_order_relaxed);
  }
  void Set(Stage stage, int event_class, int64_t rows) {
    value(stage, event_class).store(rows, std::memory_order_relaxed);
  }
  int64_t Get(Stage stage, int event_class) {
    return value(stage, event_class).load(std::memory_order_relaxed);
  }
  // Of kExcludedKernel, by the exclusion that did it.
  void AddExcluded(uint32_t slot, int64_t rows) {
    if (slot < excluded_.size()) excluded_[slot].fetch_add(rows, std::memory_order_relaxed);
  }
  int64_t Excluded(uint32_t slot) const { return excluded_[slot].load(std::memory_order_relaxed); }
  static constexpr uint32_t kExclusionSlots = 1024;  // WEIR_EXCLUSION_SLOTS
  // Rows on their way: in a ring (submitted - decoded), in the sensor's queue
  // (decoded - delivered - lost there), in the stream.
  int64_t Pending(int event_class) {
    return Get(Stage::kSubmitted, event_class) + Get(Stage::kSplit, event_class) -
           Get(Stage::kFolded, event_class) - Get(Stage::kDelivered, event_class) -
           Get(Stage::kLostDecode, event_class) - Get(Stage::kLostQueue, event_class) +
           Get(Stage::kPendingStream, event_class);
  }
  // Asks every running sensor (two while one takes over from another) to read the kernel's counters
  // now. Any thread.
  void Refresh() {
    const std::lock_guard lock(mutex_);
    for (const auto& [owner, refresh] : refresh_) refresh();
  }
  void SetRefresh(const void* owner, std::function<void()> refresh) {
    const std::lock_guard lock(mutex_);
    refresh_[owner] = std::move(refresh);
  }
  // On return the owner's refresh does not run any more.
  void ClearRefresh(const void* owner) {
    const std::lock_guard lock(mutex_);
    refresh_.erase(owner);
  }

 private:
  std::atomic<int64_t>& value(Stage stage, int event_class) {
    return values_[static_cast<int>(stage)][event_class];
  }
  std::atomic<int64_t> values_[static_cast<int>(Stage::kStages)][schema::kClassCount] = {};
  std::array<std::atomic<int64_t>, kExclusionSlots> excluded_ = {};
  std::mutex mutex_;
  std::map<const void*, std::function<void()>> refresh_;
};

// The process has one event stream, so one set of counters.
inline Counters& TheCounters() {
  static Counters counters;
  return counters;
}

}  // namespace weir
