// An SQLite database that somebody else made, and may have made on purpose: read on the thread of a
// query, for a table of its connection, which bounds it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite.h"

namespace weir::tables {

class FileDatabase {
 public:
  // Rows of `sql`, one query that changes nothing. nullptr, with `error`, when there are none to be
  // had. `file` and `log` (-1: none) are closed with it, or at once.
  static std::unique_ptr<FileDatabase> Open(int connection, int file, int log,
                                            const std::string& sql, std::string* error);
  ~FileDatabase();
  FileDatabase(const FileDatabase&) = delete;
  FileDatabase& operator=(const FileDatabase&) = delete;

  std::vector<std::string> Columns() const;
  // Some rows more: the values' bytes one behind the other, and the length of each; -1 is NULL.
  // No lengths: that was all. False, with `error`: the file is broken, or the query is to stop.
  bool Read(std::string* bytes, std::vector<int32_t>* lengths, std::string* error);

 private:
  FileDatabase(int connection, int file, int log)
      : connection_(connection), file_(file), log_(log) {}
  bool Prepare(const std::string& sql, std::string* error);

  const int connection_;  // of the query
  const int file_;
  const int log_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  bool done_ = false;
};

}  // namespace weir::tables
