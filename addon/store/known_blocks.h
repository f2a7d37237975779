// What has been read of blocks that any query may ask for again: parsed headers and filters. Blocks
// never change, but ids of removed ones are given again: seqs tell them apart.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/block_format.h"
#include "weir_schema.h"

namespace weir::store {

struct BlockMeta;

struct StoredHeader {
  std::string bytes;
  BlockHeader parsed;  // views point into `bytes`
};

using HeaderPtr = std::shared_ptr<const StoredHeader>;
using FilterPtr = std::shared_ptr<const std::string>;

// All connections of the process to one file share it, the writer's among them. Any thread.
class KnownBlocks {
 public:
  // Of the file at this path; of nothing but the caller when it is empty.
  static std::shared_ptr<KnownBlocks> Of(const std::string& path);
  ~KnownBlocks();

  // nullptr: not known.
  HeaderPtr Header(int event_class, const BlockMeta& block);
  FilterPtr Filter(int event_class, const BlockMeta& block, int column);
  void Keep(int event_class, const BlockMeta& block, const HeaderPtr& header);
  void Keep(int event_class, const BlockMeta& block, int column, const FilterPtr& filter);
  // It is no more in the file. Readers of an older snapshot may ask for it still.
  void Forget(int event_class, int64_t id);
  // Some snapshot has these blocks of the class. What came back after Forget, or left by another
  // process, is forgotten when there is too much of it.
  void Listed(int event_class, const std::vector<BlockMeta>& blocks);

 private:
  struct Known {
    int64_t first_seq = 0, last_seq = 0;
    size_t bytes = 0;
    HeaderPtr header;
    std::map<int, FilterPtr> filters;
  };
  using ById = std::unordered_map<int64_t, Known>;

  Known* Find(int event_class, const BlockMeta& block);
  Known& Make(int event_class, const BlockMeta& block, size_t bytes);
  ById::iterator Erase(ById& known, ById::iterator at);
  void Clear();
  void Tell() const;

  std::mutex mutex_;
  std::array<ById, schema::kClassCount> blocks_;
  size_t bytes_ = 0;
};

}  // namespace weir::store
