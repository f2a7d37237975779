// Indexes that a connection keeps for statements to come: building one reads a column of every
// block. An index answers only for the very blocks and rows that it was made of.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "store/bounds.h"
#include "store/lookup_index.h"

namespace weir::store {

// What an index was made of. Blocks and rows in memory never change, but ids of removed blocks are
// given again: seqs tell them apart.
struct IndexScope {
  struct Part {
    int64_t id, first_seq, last_seq;
    bool operator==(const Part&) const = default;
  };
  const schema::TableSpec* table = nullptr;
  int column = -1;  // of the face
  bool category_only = false;
  Range seqs;  // unbounded where no part is cut
  std::vector<Part> parts;
  bool operator==(const IndexScope&) const = default;
};

using LookupIndexPtr = std::shared_ptr<const LookupIndex>;

// On the connection's own thread.
class KeptIndexes {
 public:
  // Something is kept for the column, of whatever rows.
  bool Has(const schema::TableSpec& table, int column) const;
  // nullptr: not known.
  LookupIndexPtr Find(const IndexScope& scope);
  // Does nothing when the index is large.
  void Keep(IndexScope scope, LookupIndexPtr index);
  // Forgets what no statement has used for some time.
  void StatementEnded();
  void Clear() { kept_.clear(); }

 private:
  struct Kept {
    IndexScope scope;
    LookupIndexPtr index;
    int unused = 0;  // statements since the last that used it
  };
  std::vector<Kept> kept_;
};

}  // namespace weir::store
