// How much of the disk the store takes: pages of the file and its write-ahead log.
#pragma once

#include <cstdint>

#include "store/store_file.h"

namespace weir::store {

// Bytes of log after which it is written to the file; twice as much is never left without trying to
// empty it. The smaller the store, the smaller its log.
int64_t LogBytes(int64_t max_bytes);

// The writer thread's.
class FileSpace {
 public:
  // max_bytes: of the store; 0: no limit.
  FileSpace(StoreFile& file, int64_t max_bytes);

  // Bytes of the file without its free pages and those that an empty store has.
  int64_t Used();
  // Gives free pages back to the disk, some at a time, and empties a log that has grown. An SQLite
  // result code; a reader in the way is none.
  int GiveBack();

 private:
  int64_t Pragma(const char* sql);
  int Checkpoint(const char* mode);

  StoreFile& file_;
  const int64_t log_bytes_;
};

}  // namespace weir::store
