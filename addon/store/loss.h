// The sum of design.md's promise, as columns of weir_loss.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "batch/counters.h"

namespace weir::store {

// seen, stored, pending, excluded_kernel, excluded_stream, coalesced, rate_limited, lost_ring,
// lost_map, lost_decode, lost_queue, lost_store, recursion_misses, page_faults.
inline constexpr int kLossColumns = 14;
using LossRow = std::array<int64_t, kLossColumns>;

LossRow LiveLoss(int event_class);
// seen minus all that it must be the sum of: 0 at rest.
int64_t Balance(const LossRow& row);

// What the open store of a file knows beside the counters.
struct LossRun {
  int64_t started = 0;  // seconds since 1970
  std::array<int64_t, schema::kClassCount> expired{};
  std::array<int64_t, schema::kClassCount> expired_unread{};
};
LossRun CurrentRun(const std::string& path);
void SetCurrentRun(const std::string& path, const LossRun& run);

}  // namespace weir::store
