#include "store/hot_store.h"

#include <algorithm>
#include <map>

namespace weir::store {

using std::chrono::milliseconds;

namespace {

constexpr size_t kMaxBlockBytes = 16u << 20;  // of raw rows; argument lists can be large
constexpr size_t kBehindBytes = 24u << 20;
// A snapshot is taken a moment before its reader asks for the view that completes it. Committed
// rows stay for that moment: long while there is little, shorter in a flood.
constexpr milliseconds kKeep{10'000};
constexpr milliseconds kKeepAtLeast{300};
constexpr size_t kKeptBytes = 8u << 20;

}  // namespace

bool HotStore::Append(const std::shared_ptr<const Appended>& source, std::vector<uint32_t> rows,
                      int64_t* first_seq) {
  const int event_class = source->batch->event_class;
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<int64_t>(rows.size());
  if (next_seq_ + count - 1 > reserved_) return false;
  auto raw = std::make_shared<HotRows>(source, std::move(rows), next_seq_);
  if (pending_bytes_ + raw->bytes() > max_bytes_) return false;
  auto item = std::make_shared<HotItem>();
  item->first_seq = raw->first_seq();
  item->last_seq = raw->last_seq();
  item->rows = raw->rows();
  item->bytes = raw->bytes();
  raw->TimeRange(&item->first_time, &item->last_time);
  item->raw = std::move(raw);
  pending_bytes_ += item->bytes;
  raw_bytes_ += item->bytes;
  *first_seq = next_seq_;
  next_seq_ += count;
  nodes_[event_class].push_back({std::move(item)});
  return true;
}

bool HotStore::View(const SeqByClass& flushed, HotView* view) {
  const std::lock_guard lock(mutex_);
  for (int c = 0; c < schema::kClassCount; ++c) {
    if (flushed[c] < dropped_[c]) return false;
  }
  view->high_water = next_seq_ - 1;
  for (int c = 0; c < schema::kClassCount; ++c) {
    view->items[c].clear();
    for (const Node& node : nodes_[c]) {
      if (node.item->first_seq > flushed[c]) view->items[c].push_back(node.item);
    }
  }
  return true;
}

bool HotStore::Between(int64_t after, int64_t upto, ItemsByClass* items) {
  const std::lock_guard lock(mutex_);
  for (int c = 0; c < schema::kClassCount; ++c) {
    (*items)[c].clear();
    if (after < dropped_[c]) return false;
    for (const Node& node : nodes_[c]) {
      if (node.item->last_seq > after && node.item->first_seq <= upto) {
        (*items)[c].push_back(node.item);
      }
    }
  }
  return true;
}

std::pair<size_t, size_t> HotStore::Group(int event_class, bool all) const {
  const auto& nodes = nodes_[event_class];
  size_t from = 0;
  while (from < nodes.size() && (!nodes[from].item->raw || nodes[from].encoding)) ++from;
  size_t to = from;
  size_t rows = 0, bytes = 0;
  bool full = false;
  for (; to < nodes.size() && nodes[to].item->raw && !nodes[to].encoding; ++to) {
    const HotItem& item = *nodes[to].item;
    if (to > from && (rows + item.rows > kBlockRows || bytes + item.bytes > kMaxBlockBytes)) {
      full = true;
      break;
    }
    rows += item.rows;
    bytes += item.bytes;
  }
  full = full || rows >= kBlockRows || bytes >= kMaxBlockBytes;
  return full || all ? std::pair{from, to} : std::pair{from, from};
}

bool HotStore::EncodeOne(bool all) {
  std::vector<HotItemPtr> items;
  int event_class = 0;
  {
    const std::lock_guard lock(mutex_);
    for (; event_class < schema::kClassCount; ++event_class) {
      const auto [from, to] = Group(event_class, all);
      for (size_t i = from; i < to; ++i) {
        nodes_[event_class][i].encoding = true;
        items.push_back(nodes_[event_class][i].item);
      }
      if (!items.empty()) break;
    }
  }
  if (items.empty()) return false;
  std::vector<Piece> pieces;
  size_t bytes = 0;
  for (const HotItemPtr& item : items) {
    bytes += item->bytes;
    pieces.push_back(
        {item->rows,
         [rows = item->raw](int column, Column* out) {
           rows->Read(column, out);
           return true;
         },
         [rows = item->raw](int column, int64_t* to) { rows->ReadIntegers(column, to); },
         [rows = item->raw](int column) { return rows->Same(column); }});
  }
  auto made = std::make_shared<HotItem>();
  made->block = EncodeBlock(event_class, pieces);
  made->first_seq = items.front()->first_seq;
  made->last_seq = items.back()->last_seq;
  made->rows = made->block->parsed.rows;
  made->first_time = made->block->parsed.first_time;
  made->last_time = made->block->parsed.last_time;
  made->bytes = made->block->bytes;

  const std::lock_guard lock(mutex_);
  auto& nodes = nodes_[event_class];
  const auto first = std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
    return node.item->first_seq == made->first_seq;
  });
  raw_bytes_ -= bytes;
  pending_bytes_ -= bytes;
  pending_bytes_ += made->bytes;
  first->item = std::move(made);
  first->encoding = false;
  nodes.erase(first + 1, first + static_cast<std::ptrdiff_t>(items.size()));
  return true;
}

bool HotStore::Behind() {
  const std::lock_guard lock(mutex_);
  return raw_bytes_ > kBehindBytes;
}

std::vector<HotItemPtr> HotStore::Encoded() {
  std::vector<HotItemPtr> items;
  const std::lock_guard lock(mutex_);
  for (const auto& nodes : nodes_) {
    for (const Node& node : nodes) {
      if (node.committed) continue;
      if (!node.item->block) break;
      items.push_back(node.item);
    }
  }
  return items;
}

void HotStore::Committed(const std::vector<HotItemPtr>& items) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  for (auto& nodes : nodes_) {
    for (Node& node : nodes) {
      if (node.committed || std::find(items.begin(), items.end(), node.item) == items.end()) {
        continue;
      }
      node.committed = true;
      node.committed_at = now;
      pending_bytes_ -= node.item->bytes;
    }
  }
}

SeqByClass HotStore::CommitAgain() {
  const std::lock_guard lock(mutex_);
  for (auto& nodes : nodes_) {
    for (Node& node : nodes) {
      if (!node.committed) continue;
      node.committed = false;
      pending_bytes_ += node.item->bytes;
    }
  }
  return dropped_;
}

void HotStore::DropCommitted() {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  for (int c = 0; c < schema::kClassCount; ++c) {
    auto& nodes = nodes_[c];
    size_t kept = 0;
    for (const Node& node : nodes) kept += node.committed ? node.item->bytes : 0;
    while (!nodes.empty() && nodes.front().committed) {
      const auto age = now - nodes.front().committed_at;
      if (age < kKeep && (kept <= kKeptBytes || age < kKeepAtLeast)) break;
      kept -= nodes.front().item->bytes;
      dropped_[c] = nodes.front().item->last_seq;
      nodes.pop_front();
    }
  }
}

int64_t HotStore::high_water() {
  const std::lock_guard lock(mutex_);
  return next_seq_ - 1;
}

int64_t HotStore::reserved() {
  const std::lock_guard lock(mutex_);
  return reserved_;
}

void HotStore::Reserved(int64_t upto) {
  const std::lock_guard lock(mutex_);
  reserved_ = upto;
}

HotStore::Queue HotStore::queue() {
  const std::lock_guard lock(mutex_);
  Queue queue;
  queue.bytes = pending_bytes_;
  for (int c = 0; c < schema::kClassCount; ++c) {
    for (const Node& node : nodes_[c]) {
      if (node.committed) {
        queue.kept = true;
        continue;
      }
      queue.rows += node.item->rows;
      queue.rows_by_class[c] += node.item->rows;
      if (node.item->raw) queue.raw_rows[c] += node.item->rows;
    }
  }
  return queue;
}

namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, HotStorePtr> stores;
};
Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

HotStorePtr FindHotStore(const std::string& path) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.stores.find(path);
  return found == registry.stores.end() ? nullptr : found->second;
}

void RegisterHotStore(const std::string& path, HotStorePtr store) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.stores[path] = std::move(store);
}

void UnregisterHotStore(const std::string& path) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  registry.stores.erase(path);
}

}  // namespace weir::store
