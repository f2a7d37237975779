// SQLite through the function table that the extension's loader hands over: the library links no
// SQLite of its own, so reader and writer are the same SQLite that Node (or the command line) runs.
#pragma once

#include <sqlite3ext.h>

#include <cstdint>
#include <string>
#include <string_view>

extern "C" {
SQLITE_EXTENSION_INIT3
}

namespace weir::store {

// One prepared statement. Bound text and blobs must live until Step is over.
class Statement {
 public:
  Statement() = default;
  Statement(sqlite3* db, std::string_view sql) { Prepare(db, sql); }
  ~Statement() { Finalize(); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  int Prepare(sqlite3* db, std::string_view sql) {
    Finalize();
    return sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  }
  void Finalize() {
    sqlite3_finalize(statement_);
    statement_ = nullptr;
  }
  explicit operator bool() const { return statement_ != nullptr; }

  Statement& Bind(int index, int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
    return *this;
  }
  Statement& Bind(int index, std::string_view text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& BindBlob(int index, std::string_view bytes) {
    sqlite3_bind_blob64(statement_, index, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }
  int Step() { return statement_ ? sqlite3_step(statement_) : SQLITE_ERROR; }
  // Runs a statement without rows. A read must be reset too, or it pins the snapshot.
  int Run() {
    const int rc = Step();
    const int reset = Reset();
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : (reset != SQLITE_OK ? reset : rc);
  }
  int Reset() { return statement_ ? sqlite3_reset(statement_) : SQLITE_OK; }

  int64_t Int(int column) { return sqlite3_column_int64(statement_, column); }
  bool IsNull(int column) { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string_view Bytes(int column) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {data ? data : "", static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// True when the host's SQLite is at least this version (3'041'000 style): newer functions lie past
// the end of an older one's function table.
inline bool SqliteAtLeast(int version) { return sqlite3_libversion_number() >= version; }

}  // namespace weir::store
