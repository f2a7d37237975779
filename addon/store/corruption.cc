#include "store/corruption.h"

#include <mutex>
#include <set>
#include <tuple>

namespace weir::store {

namespace {

struct Registry {
  std::mutex mutex;
  std::set<std::tuple<std::string, int, int64_t>> blocks;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

void ReportCorrupt(const std::string& path, int event_class, int64_t block) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.blocks.emplace(path, event_class, block);
}

int64_t CorruptBlocks(const std::string& path, int event_class) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  int64_t count = 0;
  for (auto it = registry.blocks.lower_bound({path, event_class, INT64_MIN});
       it != registry.blocks.end() && std::get<0>(*it) == path && std::get<1>(*it) == event_class;
       ++it) {
    ++count;
  }
  return count;
}

}  // namespace weir::store
