// An encoded block in memory: what the writer commits, and what readers use meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/block_format.h"
#include "store/column.h"

namespace weir::store {

struct Block {
  int event_class = 0;
  std::string header;
  BlockHeader parsed;  // views point into `header`
  // Parts outside of the header: column * kMaxParts + part -> bytes.
  std::vector<std::pair<int, std::string>> chunks;
  size_t bytes = 0;  // header and chunks

  const std::string* Chunk(int index) const {
    for (const auto& [at, content] : chunks) {
      if (at == index) return &content;
    }
    return nullptr;
  }
};

using BlockPtr = std::shared_ptr<const Block>;

// Rows to be encoded come from here: a column (kSeqColumn: seq) of each piece, in seq order.
struct Piece {
  uint32_t rows = 0;
  // False: the piece cannot be read (a corrupt block).
  std::function<bool(int column, Column* out)> read;
  // Where the piece can do that without a column in between: its integers, a row each.
  std::function<void(int column, int64_t* to)> read_integers = nullptr;
  // The integer that all rows have, or NULL of a text column. nullopt: not known to be one.
  std::function<std::optional<int64_t>(int column)> same = nullptr;
};

// Encodes the pieces' rows, all of one class, as one block. nullptr when a piece cannot be read.
BlockPtr EncodeBlock(int event_class, const std::vector<Piece>& pieces);

}  // namespace weir::store
