#include "store/loss.h"

#include <map>

namespace weir::store {

namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, LossRun> runs;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

LossRow LiveLoss(int event_class) {
  Counters& counters = TheCounters();
  const auto get = [&](Stage stage) { return counters.Get(stage, event_class); };
  return {get(Stage::kSeen) + get(Stage::kSplit),
          get(Stage::kAppended),
          counters.Pending(event_class),
          get(Stage::kExcludedKernel),
          get(Stage::kExcludedStream),
          get(Stage::kCoalescedKernel) + get(Stage::kCoalescedStream) + get(Stage::kFolded),
          get(Stage::kRateLimited),
          get(Stage::kLostRing),
          get(Stage::kLostMap),
          get(Stage::kLostDecode),
          get(Stage::kLostQueue),
          get(Stage::kLostStore),
          get(Stage::kRecursionMiss),
          get(Stage::kPageFault)};
}

int64_t Balance(const LossRow& row) {
  int64_t balance = row[0];
  // The last two are beside the sum.
  for (int i = 1; i < kLossColumns - 2; ++i) balance -= row[i];
  return balance;
}

LossRun CurrentRun(const std::string& path) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  return registry.runs[path];
}

void SetCurrentRun(const std::string& path, const LossRun& run) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.runs[path] = run;
}

}  // namespace weir::store
