#include "store/known_blocks.h"

#include "store/block_reader.h"

namespace weir::store {

namespace {

// Headers of ten million rows take about 5 MiB, and so does each column's filters. What a
// connection knows is forgotten as a whole: choosing would cost more than reading again.
constexpr size_t kMostBytes = 16u << 20;

size_t BytesOf(const StoredHeader& header) {
  return header.bytes.size() + header.parsed.columns.size() * sizeof(BlockColumn) +
         header.parsed.filters.size() * sizeof(BlockFilter) + sizeof header;
}

}  // namespace

KnownBlocks::Known* KnownBlocks::Find(const BlockMeta& block) {
  const auto found = blocks_.find(block.id);
  if (found == blocks_.end()) return nullptr;
  Known& known = found->second;
  return known.first_seq == block.first_seq && known.last_seq == block.last_seq ? &known : nullptr;
}

KnownBlocks::Known& KnownBlocks::Make(const BlockMeta& block, size_t bytes) {
  if (bytes_ + bytes > kMostBytes) Clear();
  bytes_ += bytes;
  Known& known = blocks_[block.id];
  if (known.first_seq != block.first_seq || known.last_seq != block.last_seq) {
    known = {block.first_seq, block.last_seq, nullptr, {}};
  }
  return known;
}

HeaderPtr KnownBlocks::Header(const BlockMeta& block) {
  const Known* known = Find(block);
  return known ? known->header : nullptr;
}

FilterPtr KnownBlocks::Filter(const BlockMeta& block, int column) {
  const Known* known = Find(block);
  if (!known) return nullptr;
  const auto found = known->filters.find(column);
  return found == known->filters.end() ? nullptr : found->second;
}

void KnownBlocks::Keep(const BlockMeta& block, const HeaderPtr& header) {
  Make(block, BytesOf(*header)).header = header;
}

void KnownBlocks::Keep(const BlockMeta& block, int column, const FilterPtr& filter) {
  Make(block, filter->size() + sizeof(std::string)).filters[column] = filter;
}

void KnownBlocks::Clear() {
  blocks_.clear();
  bytes_ = 0;
}

}  // namespace weir::store
