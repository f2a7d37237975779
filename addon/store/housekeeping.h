// What the writer does between flushes: joins small blocks.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "store/store_file.h"

namespace weir::store {

// Blocks of at least this many rows are never joined again.
inline constexpr uint32_t kFullRows = kBlockRows / 2;
inline constexpr int kFullLevel = 9;

class Housekeeping {
 public:
  explicit Housekeeping(StoreFile& file) : file_(file) {}

  // The level that a fresh block gets.
  static int LevelOf(uint32_t rows) { return rows >= kFullRows ? kFullLevel : 0; }
  // A block was committed.
  void Added(int event_class, int64_t id, const Block& block, int level);
  // Joins one group of small neighbours, when there is one. *did: there may be more.
  int MergeOne(bool* did);
  // Blocks were deleted by somebody else.
  void Forget() { loaded_.fill(false); }

 private:
  struct Entry {
    int64_t id;
    uint32_t rows;
    int64_t bytes;
    int level;
  };
  // The latest blocks of a class in seq order; only these are joined.
  using Tail = std::vector<Entry>;

  bool Load(int event_class);
  int Merge(int event_class, size_t from, size_t to);

  StoreFile& file_;
  std::array<Tail, schema::kClassCount> tails_;
  std::array<bool, schema::kClassCount> loaded_{};
};

}  // namespace weir::store
