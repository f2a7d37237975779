#include "store/kept_indexes.h"

#include <algorithm>

namespace weir::store {

namespace {

// Of all that are kept: one of a million rows.
constexpr size_t kMostBytes = 16u << 20;
constexpr int kMostUnused = 16;

}  // namespace

bool KeptIndexes::Has(const schema::TableSpec& table, int column) const {
  return std::any_of(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.scope.table == &table && kept.scope.column == column;
  });
}

LookupIndexPtr KeptIndexes::Find(const IndexScope& scope) {
  for (Kept& kept : kept_) {
    if (kept.scope != scope) continue;
    kept.unused = 0;
    return kept.index;
  }
  return nullptr;
}

void KeptIndexes::Keep(IndexScope scope, LookupIndexPtr index) {
  if (index->bytes() > kMostBytes) return;
  kept_.push_back({std::move(scope), std::move(index)});
  size_t bytes = 0;
  for (const Kept& kept : kept_) bytes += kept.index->bytes();
  while (bytes > kMostBytes) {
    const auto least =
        std::max_element(kept_.begin(), kept_.end(),
                         [](const Kept& a, const Kept& b) { return a.unused < b.unused; });
    bytes -= least->index->bytes();
    kept_.erase(least);
  }
}

void KeptIndexes::StatementEnded() {
  std::erase_if(kept_, [](Kept& kept) { return ++kept.unused > kMostUnused; });
}

}  // namespace weir::store
