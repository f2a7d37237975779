// What a connection has read of blocks that any query may ask for again: parsed headers and
// filters. Blocks never change, but ids of removed ones are given again: seqs tell them apart.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "store/block_format.h"

namespace weir::store {

struct BlockMeta;

struct StoredHeader {
  std::string bytes;
  BlockHeader parsed;  // views point into `bytes`
};

using HeaderPtr = std::shared_ptr<const StoredHeader>;
using FilterPtr = std::shared_ptr<const std::string>;

class KnownBlocks {
 public:
  // nullptr: not known.
  HeaderPtr Header(const BlockMeta& block);
  FilterPtr Filter(const BlockMeta& block, int column);
  void Keep(const BlockMeta& block, const HeaderPtr& header);
  void Keep(const BlockMeta& block, int column, const FilterPtr& filter);
  void Clear();

 private:
  struct Known {
    int64_t first_seq = 0, last_seq = 0;
    HeaderPtr header;
    std::map<int, FilterPtr> filters;
  };
  Known* Find(const BlockMeta& block);
  Known& Make(const BlockMeta& block, size_t bytes);

  std::unordered_map<int64_t, Known> blocks_;
  size_t bytes_ = 0;
};

}  // namespace weir::store
