// Reads the store's ordinary tables through a reader's own connection and snapshot.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/hot_store.h"
#include "store/known_blocks.h"
#include "store/sqlite.h"

namespace weir::store {

// Layout of the store's ordinary tables and its newest blocks, in weir_store_meta as `format`.
// Older ones, from 1, are read; a writer that opens such a store makes it one of this format.
inline constexpr int64_t kStoreFormat = 3;

struct BlockMeta {
  int64_t id = 0;
  uint32_t rows = 0;
  int64_t first_seq = 0, last_seq = 0;
  int64_t first_time = 0, last_time = 0;
};

// What a snapshot says about the store as a whole.
struct StoreState {
  bool exists = false;
  int64_t format = 0;
  bool file_paths = false;
  SeqByClass flushed{};  // last seq of each class that blocks hold
};

// Statements are prepared when first needed and reset after every read: a statement that is left
// stepping pins the snapshot. Release() must run before the connection closes.
class BlockReader {
 public:
  explicit BlockReader(sqlite3* db) : db_(db) {}

  StoreState State();
  // Blocks of a class in seq order. False: a read failed (sqlite3_errmsg says why).
  bool Blocks(int event_class, std::vector<BlockMeta>* blocks);
  bool Header(int64_t block, std::string* header);
  bool Chunk(int64_t block, int index, std::string* content);
  KnownBlocks& known();
  void Release();
  // Goes on with another connection; after Release.
  void Use(sqlite3* db) { db_ = db; }

 private:
  bool Ready(Statement* statement, const char* sql) {
    return *statement || statement->Prepare(db_, sql) == SQLITE_OK;
  }

  sqlite3* db_;
  std::shared_ptr<KnownBlocks> known_;  // of the connection's file, when first needed
  Statement meta_, classes_, blocks_, header_, chunk_;
};

}  // namespace weir::store
