#include "store/known_blocks.h"

#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>

#include "batch/caches.h"
#include "store/block_reader.h"

namespace weir::store {

namespace {

// Headers of ten million rows take about 5 MiB, and so does each column's filters. What is known is
// forgotten as a whole: choosing would cost more than reading again.
constexpr size_t kMostBytes = 16u << 20;
// Known blocks above those that a snapshot has, before it is looked which are gone.
constexpr size_t kMostGone = 32;

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<KnownBlocks>> files;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

size_t BytesOf(const StoredHeader& header) {
  return header.bytes.size() + header.parsed.columns.size() * sizeof(BlockColumn) +
         header.parsed.filters.size() * sizeof(BlockFilter) + sizeof header;
}

}  // namespace

std::shared_ptr<KnownBlocks> KnownBlocks::Of(const std::string& path) {
  struct stat file;
  if (path.empty() || stat(path.c_str(), &file) != 0) return std::make_shared<KnownBlocks>();
  // A store that is begun anew has the path of the one before it.
  const std::string key = path + ':' + std::to_string(file.st_ino);
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  std::erase_if(registry.files, [](const auto& one) { return one.second.expired(); });
  std::shared_ptr<KnownBlocks> known = registry.files[key].lock();
  if (!known) {
    known = std::make_shared<KnownBlocks>();
    registry.files[key] = known;
  }
  return known;
}

KnownBlocks::~KnownBlocks() { Clear(); }

KnownBlocks::Known* KnownBlocks::Find(int event_class, const BlockMeta& block) {
  ById& known = blocks_[event_class];
  const auto found = known.find(block.id);
  if (found == known.end()) return nullptr;
  const Known& one = found->second;
  const bool same = one.first_seq == block.first_seq && one.last_seq == block.last_seq;
  return same ? &found->second : nullptr;
}

KnownBlocks::Known& KnownBlocks::Make(int event_class, const BlockMeta& block, size_t bytes) {
  if (bytes_ + bytes > kMostBytes) {
    for (const ById& known : blocks_) TheCache(Cache::kBlocks).Evict(known.size());
    Clear();
  }
  ById& known = blocks_[event_class];
  if (Find(event_class, block) == nullptr) {
    if (const auto other = known.find(block.id); other != known.end()) Erase(known, other);
    known[block.id] = {block.first_seq, block.last_seq, 0, nullptr, {}};
  }
  Known& one = known[block.id];
  one.bytes += bytes;
  bytes_ += bytes;
  return one;
}

HeaderPtr KnownBlocks::Header(int event_class, const BlockMeta& block) {
  const std::lock_guard lock(mutex_);
  const Known* known = Find(event_class, block);
  return known ? known->header : nullptr;
}

FilterPtr KnownBlocks::Filter(int event_class, const BlockMeta& block, int column) {
  const std::lock_guard lock(mutex_);
  const Known* known = Find(event_class, block);
  if (!known) return nullptr;
  const auto found = known->filters.find(column);
  return found == known->filters.end() ? nullptr : found->second;
}

void KnownBlocks::Keep(int event_class, const BlockMeta& block, const HeaderPtr& header) {
  const std::lock_guard lock(mutex_);
  // Another thread may have read it at the same time.
  if (const Known* known = Find(event_class, block); known && known->header) return;
  Make(event_class, block, BytesOf(*header)).header = header;
  Tell();
}

void KnownBlocks::Keep(int event_class, const BlockMeta& block, int column,
                       const FilterPtr& filter) {
  const std::lock_guard lock(mutex_);
  const Known* known = Find(event_class, block);
  if (known && known->filters.contains(column)) return;
  const size_t bytes = filter->size() + sizeof(std::string);
  Make(event_class, block, bytes).filters[column] = filter;
  Tell();
}

void KnownBlocks::Forget(int event_class, int64_t id) {
  const std::lock_guard lock(mutex_);
  ById& known = blocks_[event_class];
  if (const auto found = known.find(id); found != known.end()) Erase(known, found);
  Tell();
}

void KnownBlocks::Listed(int event_class, const std::vector<BlockMeta>& blocks) {
  const std::lock_guard lock(mutex_);
  ById& known = blocks_[event_class];
  if (known.size() <= blocks.size() + kMostGone) return;
  std::unordered_set<int64_t> there;
  int64_t newest = 0;
  for (const BlockMeta& block : blocks) {
    there.insert(block.id);
    newest = std::max(newest, block.id);
  }
  // Those above the newest belong to later snapshots.
  for (auto at = known.begin(); at != known.end();) {
    const bool gone = at->first <= newest && !there.contains(at->first);
    at = gone ? Erase(known, at) : std::next(at);
  }
  Tell();
}

KnownBlocks::ById::iterator KnownBlocks::Erase(ById& known, ById::iterator at) {
  bytes_ -= at->second.bytes;
  return known.erase(at);
}

void KnownBlocks::Clear() {
  for (ById& known : blocks_) known.clear();
  bytes_ = 0;
  Tell();
}

void KnownBlocks::Tell() const {
  size_t entries = 0;
  for (const ById& known : blocks_) entries += known.size();
  TheCache(Cache::kBlocks).Hold(entries, bytes_, kMostBytes);
}

}  // namespace weir::store
