#include "store/block_reader.h"

namespace weir::store {

StoreState BlockReader::State() {
  StoreState state;
  // Without these tables it is a database without a store: event tables are empty in it.
  if (!Ready(&meta_, "SELECT key, value FROM main.weir_store_meta")) return state;
  if (!Ready(&classes_, "SELECT class, flushed FROM main.weir_store_class")) return state;
  while (meta_.Step() == SQLITE_ROW) {
    const std::string_view key = meta_.Bytes(0);
    if (key == "format") state.format = meta_.Int(1);
    if (key == "file_paths") state.file_paths = meta_.Int(1) != 0;
  }
  if (meta_.Reset() != SQLITE_OK) return state;
  while (classes_.Step() == SQLITE_ROW) {
    for (int c = 0; c < schema::kClassCount; ++c) {
      if (classes_.Bytes(0) == schema::kClasses[c].name) state.flushed[c] = classes_.Int(1);
    }
  }
  state.exists = classes_.Reset() == SQLITE_OK;
  return state;
}

bool BlockReader::Blocks(int event_class, std::vector<BlockMeta>* blocks) {
  // All columns lie before the header in the row, so headers are not read from disk here.
  if (!Ready(&blocks_,
             "SELECT id, rows, first_seq, last_seq, first_time, last_time"
             " FROM main.weir_store_block WHERE class = ?1 ORDER BY first_seq")) {
    return false;
  }
  blocks_.Bind(1, std::string_view(schema::kClasses[event_class].name));
  int rc;
  while ((rc = blocks_.Step()) == SQLITE_ROW) {
    blocks->push_back({blocks_.Int(0), static_cast<uint32_t>(blocks_.Int(1)), blocks_.Int(2),
                       blocks_.Int(3), blocks_.Int(4), blocks_.Int(5)});
  }
  if (blocks_.Reset() != SQLITE_OK || rc != SQLITE_DONE) return false;
  if (known_) known_->Listed(event_class, *blocks);
  return true;
}

bool BlockReader::Header(int64_t block, std::string* header) {
  if (!Ready(&header_, "SELECT header FROM main.weir_store_block WHERE id = ?1")) return false;
  header_.Bind(1, block);
  const bool found = header_.Step() == SQLITE_ROW;
  if (found) header->assign(header_.Bytes(0));
  header_.Reset();
  return found;
}

bool BlockReader::Chunk(int64_t block, int index, std::string* content) {
  if (!Ready(&chunk_, "SELECT content FROM main.weir_store_chunk WHERE id = ?1")) return false;
  chunk_.Bind(1, block * kChunksPerBlock + index);
  const bool found = chunk_.Step() == SQLITE_ROW;
  if (found) content->assign(chunk_.Bytes(0));
  chunk_.Reset();
  return found;
}

KnownBlocks& BlockReader::known() {
  if (!known_) {
    const char* path = sqlite3_db_filename(db_, "main");
    known_ = KnownBlocks::Of(path ? path : "");
  }
  return *known_;
}

void BlockReader::Release() {
  known_.reset();
  for (Statement* statement : {&meta_, &classes_, &blocks_, &header_, &chunk_}) {
    statement->Finalize();
  }
}

}  // namespace weir::store
