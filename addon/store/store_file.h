// The writing connection to events.db: the only one there is. Opened on the main thread, then used
// by the writer thread alone.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/block_reader.h"
#include "store/loss.h"

namespace weir::store {

struct StoreError {
  std::string code;  // empty: none
  std::string message;
};

struct ClassTotals {
  int64_t rows = 0;
  int64_t bytes = 0;
  int64_t expired = 0;
  int64_t expired_unread = 0;  // of those, rows that some query's cursor had not read
};

class StoreFile {
 public:
  // Creates or opens the file, ends what a crash left open. nullptr with `error`.
  static std::unique_ptr<StoreFile> Open(const std::string& path, StoreError* error);
  ~StoreFile();
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  sqlite3* db() { return db_; }
  BlockReader& reader() { return reader_; }
  // As SQLite names it: the key that readers find the store by.
  std::string Path() const;
  const SeqByClass& flushed() const { return flushed_; }
  const std::array<ClassTotals, schema::kClassCount>& totals() const { return totals_; }

  // All of these return an SQLite result code; after a failure the caller rolls back.
  int Begin() { return Exec("BEGIN IMMEDIATE"); }
  int Commit();
  void Rollback();
  int Insert(const Block& block, int level, int64_t* id);
  int Delete(int event_class, int64_t id, int64_t rows, int64_t bytes);
  void CountExpired(int event_class, int64_t rows, int64_t unread) {
    totals_[event_class].expired += rows;
    totals_[event_class].expired_unread += unread;
  }
  int SaveFlushed(int event_class, int64_t seq);
  int SaveLoss(int64_t run);
  int SaveTime(int64_t ns);
  int SaveFilePaths(bool configured);
  int SaveCoverage(int event_class, const std::string& provider, const std::string& tier, bool on,
                   int64_t ns, const std::string& boot_id);
  // Durable on return, power cut included. Not within a transaction.
  int Reserve(int64_t upto);

  // SQLite found damage: the next Open looks at all of the file.
  void MarkDamaged() const;
  // Sets the damaged file aside and goes on with a new one, in which all rows up to `flushed` count
  // as written. Returns the damaged one's new name; empty with `error` when that was not possible:
  // then there may be no connection, and every call fails until another try.
  std::string BeginAnew(const SeqByClass& flushed, StoreError* error);

  int64_t reserved() const { return reserved_; }
  int Exec(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }
  std::string ErrorMessage() const { return sqlite3_errmsg(db_); }

 private:
  explicit StoreFile(int lock) : reader_(nullptr), lock_(lock) {}
  bool Connect(const std::string& path, StoreError* error);
  void Disconnect();
  bool Prepare(StoreError* error);
  bool LoadTotals();
  bool Sound();
  int SaveMeta(const char* key, int64_t value);
  int SaveTotals();

  sqlite3* db_ = nullptr;
  BlockReader reader_;
  int lock_;  // descriptor of the lock file: one writer at a time
  int64_t reserved_ = 0;
  SeqByClass flushed_{}, flushed_before_{};
  std::array<ClassTotals, schema::kClassCount> totals_{}, totals_before_{};
  Statement insert_block_, insert_chunk_;
};

}  // namespace weir::store
