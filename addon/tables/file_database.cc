#include "tables/file_database.h"

#include <unistd.h>

#include "store/connection.h"
#include "tables/descriptor_vfs.h"

namespace weir::tables {

namespace {

constexpr size_t kBatchBytes = 64 << 10;
constexpr size_t kBatchValues = 4096;

// What a schema may ask for at most: far above honest ones, and so that all registers of a row
// together stay below the memory that queries have.
constexpr struct {
  int limit;
  int value;
} kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 1 << 20},
    {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    {SQLITE_LIMIT_COLUMN, 200},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 50},
    {SQLITE_LIMIT_VDBE_OP, 100'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 32},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
};

constexpr const char* kPragmas =
    "PRAGMA locking_mode = EXCLUSIVE;"  // or a log would need memory shared with its writer
    "PRAGMA temp_store = FILE; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0;"
    "PRAGMA cell_size_check = ON; PRAGMA query_only = ON";

void Harden(sqlite3* db) {
  for (const auto& [limit, value] : kLimits) sqlite3_limit(db, limit, value);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // As queries of osquery's configurations are written.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 1, nullptr);
  sqlite3_exec(db, kPragmas, nullptr, nullptr, nullptr);
  // A file's virtual tables would run code on bytes that its maker chose.
  const char* kept[] = {"json_each", "json_tree", nullptr};
  sqlite3_drop_modules(db, kept);
  store::Restrict(db);
}

// While it lives, whoever interrupts the query interrupts what it reads here.
class Reached {
 public:
  Reached(int connection, sqlite3* db) : connection_(connection) {
    store::WithConnection(connection, [&](store::Connection& c) {
      c.SetNested(db);
      stopped_ = c.Interrupted();
    });
  }
  ~Reached() {
    store::WithConnection(connection_, [](store::Connection& c) { c.SetNested(nullptr); });
  }
  bool stopped() const { return stopped_; }

 private:
  const int connection_;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<FileDatabase> FileDatabase::Open(int connection, int file, int log,
                                                 const std::string& sql, std::string* error) {
  std::unique_ptr<FileDatabase> database(new FileDatabase(connection, file, log));
  if (!RegisterDescriptorVfs()) {
    *error = "SQLite is not there yet";
    return nullptr;
  }
  const std::string name = DescriptorName(file, log);
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  if (sqlite3_open_v2(name.c_str(), &database->db_, flags, kDescriptorVfs) != SQLITE_OK) {
    *error = database->db_ ? sqlite3_errmsg(database->db_) : "out of memory";
    return nullptr;
  }
  Harden(database->db_);
  return database->Prepare(sql, error) ? std::move(database) : nullptr;
}

bool FileDatabase::Prepare(const std::string& sql, std::string* error) {
  const Reached reached(connection_, db_);
  const int rc =
      sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  if (rc != SQLITE_OK) {
    *error = sqlite3_errmsg(db_);
  } else if (statement_ == nullptr || sqlite3_column_count(statement_) == 0) {
    *error = "not a query that returns rows";
  } else if (!sqlite3_stmt_readonly(statement_)) {
    *error = "a query that would change the file";
  } else {
    return true;
  }
  return false;
}

FileDatabase::~FileDatabase() {
  sqlite3_finalize(statement_);
  sqlite3_close(db_);
  close(file_);
  if (log_ >= 0) close(log_);
}

std::vector<std::string> FileDatabase::Columns() const {
  std::vector<std::string> names;
  for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
    const char* name = sqlite3_column_name(statement_, i);
    names.emplace_back(name ? name : "");
  }
  return names;
}

bool FileDatabase::Read(std::string* bytes, std::vector<int32_t>* lengths, std::string* error) {
  if (done_) return true;  // another step would begin anew
  const Reached reached(connection_, db_);
  const int columns = sqlite3_column_count(statement_);
  while (bytes->size() < kBatchBytes && lengths->size() < kBatchValues) {
    const int rc = reached.stopped() ? SQLITE_INTERRUPT : sqlite3_step(statement_);
    if (rc == SQLITE_DONE) {
      done_ = true;
      return true;
    }
    if (rc != SQLITE_ROW) {
      *error = rc == SQLITE_INTERRUPT ? "interrupted" : sqlite3_errmsg(db_);
      return false;
    }
    for (int i = 0; i < columns; ++i) {
      if (sqlite3_column_type(statement_, i) == SQLITE_NULL) {
        lengths->push_back(-1);
        continue;
      }
      // Numbers as text, since that is what the table's columns are.
      const bool blob = sqlite3_column_type(statement_, i) == SQLITE_BLOB;
      const void* value = blob ? sqlite3_column_blob(statement_, i)
                               : static_cast<const void*>(sqlite3_column_text(statement_, i));
      const int size = value ? sqlite3_column_bytes(statement_, i) : 0;
      if (size > 0) bytes->append(static_cast<const char*>(value), static_cast<size_t>(size));
      lengths->push_back(size);
    }
  }
  return true;
}

}  // namespace weir::tables
