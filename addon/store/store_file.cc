#include "store/store_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "store/seq_mark.h"
#include "store/set_aside.h"

namespace weir::store {

namespace {

// auto_vacuum must be set before the first table; it lets retention give pages back.
constexpr const char* kPragmas =
    "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -4096; PRAGMA trusted_schema = OFF;";

// Ordinary tables, not shadow tables: a reader's DEFENSIVE flag would refuse those to be written.
// weir_store_class keeps its rowid: the order of classes.
constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS weir_store_meta(key TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS weir_store_class(class TEXT PRIMARY KEY, flushed INTEGER NOT NULL,
  rows INTEGER NOT NULL, bytes INTEGER NOT NULL, expired INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS weir_store_block(id INTEGER PRIMARY KEY, class TEXT NOT NULL,
  rows INTEGER NOT NULL, bytes INTEGER NOT NULL, level INTEGER NOT NULL,
  first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, header BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS weir_store_block_seq ON weir_store_block(class, first_seq);
CREATE TABLE IF NOT EXISTS weir_store_chunk(id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS weir_store_coverage(id INTEGER PRIMARY KEY, class TEXT NOT NULL,
  provider TEXT NOT NULL, tier TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,
  boot_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS weir_store_loss(run INTEGER NOT NULL, class TEXT NOT NULL,
  seen INTEGER, stored INTEGER, pending INTEGER, excluded_kernel INTEGER, excluded_stream INTEGER,
  coalesced INTEGER, rate_limited INTEGER, lost_ring INTEGER, lost_map INTEGER,
  lost_decode INTEGER, lost_queue INTEGER, lost_store INTEGER, recursion_misses INTEGER,
  page_faults INTEGER, PRIMARY KEY (run, class)) WITHOUT ROWID;
)sql";

// A crash ends what was being watched at the last moment that is on disk.
constexpr const char* kCloseCoverage =
    "UPDATE weir_store_coverage SET until = max(since, coalesce((SELECT value FROM weir_store_meta"
    " WHERE key = 'last_flush'), since)) WHERE until IS NULL";

int Lock(const std::string& path, StoreError* error) {
  // Not the database itself: closing any descriptor of it would drop SQLite's own locks.
  const std::string name = path + "-writer";
  const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    *error = {"STORE_OPEN", "cannot open " + name + ": " + strerror(errno)};
    return -1;
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    *error = {"STORE_LOCKED", "another weir is writing to " + path};
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

std::unique_ptr<StoreFile> StoreFile::Open(const std::string& path, StoreError* error) {
  const int lock = Lock(path, error);
  if (lock < 0) return nullptr;
  std::unique_ptr<StoreFile> file(new StoreFile(lock));
  return file->Connect(path, error) && file->Prepare(error) ? std::move(file) : nullptr;
}

StoreFile::~StoreFile() {
  Disconnect();
  close(lock_);
}

bool StoreFile::Connect(const std::string& path, StoreError* error) {
  const int rc =
      sqlite3_open_v2(path.c_str(), &db_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  reader_.Use(db_);
  if (rc == SQLITE_OK) return true;
  *error = {"STORE_OPEN", "cannot open " + path + ": " + (db_ ? sqlite3_errmsg(db_) : "no memory")};
  return false;
}

void StoreFile::Disconnect() {
  insert_block_.Finalize();
  insert_chunk_.Finalize();
  reader_.Release();
  sqlite3_close(db_);
  db_ = nullptr;
}

std::string StoreFile::BeginAnew(const SeqByClass& flushed, StoreError* error) {
  const std::string path = Path();
  Disconnect();
  const std::string aside = SetAside(path);
  if (aside.empty()) {
    *error = {"STORE_CORRUPT",
              "event store " + path + " is damaged and cannot be set aside: " + strerror(errno)};
  }
  // In either case, so that there is a connection to try again with.
  StoreError reason;
  const bool ready = Connect(path, &reason) && Prepare(&reason);
  if (aside.empty()) return {};
  if (!ready) {
    *error = reason;
    return {};
  }
  totals_ = totals_before_ = {};
  flushed_ = flushed_before_ = flushed;
  return aside;
}

std::string StoreFile::Path() const {
  const char* path = sqlite3_db_filename(db_, "main");
  return path ? path : "";
}

bool StoreFile::Prepare(StoreError* error) {
  sqlite3_busy_timeout(db_, 5000);
  int rc = Exec(kPragmas);
  const StoreState state = rc == SQLITE_OK ? reader_.State() : StoreState{};
  reader_.Release();
  if (state.exists && state.format < 1) {
    *error = {"STORE_CORRUPT", "event store " + Path() + ": no format " +
                                   std::to_string(state.format) + " was ever written"};
    return false;
  }
  if (state.exists && state.format > kStoreFormat) {
    *error = {"STORE_FORMAT", "the event store has format " + std::to_string(state.format) +
                                  ", this version of weir writes format " +
                                  std::to_string(kStoreFormat)};
    return false;
  }
  if (rc == SQLITE_OK && !Sound()) {
    *error = {"STORE_CORRUPT", "event store " + Path() + ": it was found damaged while in use"};
    return false;
  }
  if (rc == SQLITE_OK) rc = Begin();
  if (rc == SQLITE_OK) rc = Exec(kSchema);
  if (rc == SQLITE_OK) rc = SaveMeta("format", kStoreFormat);
  for (int c = 0; c < schema::kClassCount && rc == SQLITE_OK; ++c) {
    Statement add(db_, "INSERT OR IGNORE INTO weir_store_class VALUES (?1, 0, 0, 0, 0)");
    rc = add.Bind(1, std::string_view(schema::kClasses[c].name)).Run();
  }
  if (rc == SQLITE_OK) rc = Exec(kCloseCoverage);
  if (rc == SQLITE_OK) rc = Exec("COMMIT");
  if (rc == SQLITE_OK && LoadTotals()) return true;
  if (rc == SQLITE_OK) rc = sqlite3_errcode(db_);
  const bool damaged = (rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT;
  *error = {damaged ? "STORE_CORRUPT" : "STORE_OPEN",
            "event store " + Path() + ": " + ErrorMessage()};
  return false;
}

void StoreFile::MarkDamaged() const {
  const int fd = open((Path() + "-damaged").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

// Reading the whole file takes long, so it is done only after damage was met.
bool StoreFile::Sound() {
  const std::string mark = Path() + "-damaged";
  if (access(mark.c_str(), F_OK) != 0) return true;
  Statement check(db_, "PRAGMA quick_check(1)");
  if (!check || check.Step() != SQLITE_ROW || check.Bytes(0) != "ok") return false;
  unlink(mark.c_str());
  return true;
}

bool StoreFile::LoadTotals() {
  const StoreState state = reader_.State();
  if (!state.exists) return false;
  flushed_ = state.flushed;
  reader_.Release();
  for (int c = 0; c < schema::kClassCount; ++c) {
    Statement query(db_, "SELECT rows, bytes, expired FROM weir_store_class WHERE class = ?1");
    if (!query) return false;
    query.Bind(1, std::string_view(schema::kClasses[c].name));
    if (query.Step() != SQLITE_ROW) return false;
    totals_[c] = {query.Int(0), query.Int(1), query.Int(2)};
    Statement unread(db_, "SELECT value FROM weir_store_meta WHERE key = 'expired_unread:' || ?1");
    if (!unread) return false;
    unread.Bind(1, std::string_view(schema::kClasses[c].name));
    if (unread.Step() == SQLITE_ROW) totals_[c].expired_unread = unread.Int(0);
  }
  Statement reserved(db_, "SELECT value FROM weir_store_meta WHERE key = 'reserved'");
  reserved_ = reserved.Step() == SQLITE_ROW ? reserved.Int(0) : 0;
  reserved_ = std::max(reserved_, ReadSeqMark(lock_));
  totals_before_ = totals_;
  flushed_before_ = flushed_;
  return true;
}

int StoreFile::Commit() {
  int rc = SaveTotals();
  if (rc == SQLITE_OK) rc = Exec("COMMIT");
  if (rc != SQLITE_OK) return rc;
  totals_before_ = totals_;
  flushed_before_ = flushed_;
  return SQLITE_OK;
}

void StoreFile::Rollback() {
  if (!sqlite3_get_autocommit(db_)) Exec("ROLLBACK");
  totals_ = totals_before_;
  flushed_ = flushed_before_;
}

int StoreFile::Insert(const Block& block, int level, int64_t* id) {
  const BlockHeader& header = block.parsed;
  if (!insert_block_) {
    insert_block_.Prepare(db_,
                          "INSERT INTO weir_store_block(class, rows, bytes, level, first_seq,"
                          " last_seq, first_time, last_time, header)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    insert_chunk_.Prepare(db_, "INSERT INTO weir_store_chunk(id, content) VALUES (?1, ?2)");
  }
  if (!insert_block_ || !insert_chunk_) return SQLITE_ERROR;
  insert_block_.Bind(1, header.class_name)
      .Bind(2, int64_t{header.rows})
      .Bind(3, static_cast<int64_t>(block.bytes))
      .Bind(4, int64_t{level})
      .Bind(5, header.first_seq)
      .Bind(6, header.last_seq)
      .Bind(7, header.first_time)
      .Bind(8, header.last_time)
      .BindBlob(9, block.header);
  int rc = insert_block_.Run();
  if (rc != SQLITE_OK) return rc;
  *id = sqlite3_last_insert_rowid(db_);
  for (const auto& [index, content] : block.chunks) {
    rc = insert_chunk_.Bind(1, *id * kChunksPerBlock + index).BindBlob(2, content).Run();
    if (rc != SQLITE_OK) return rc;
  }
  totals_[block.event_class].rows += header.rows;
  totals_[block.event_class].bytes += static_cast<int64_t>(block.bytes);
  return SQLITE_OK;
}

int StoreFile::Delete(int event_class, int64_t id, int64_t rows, int64_t bytes) {
  Statement chunks(db_, "DELETE FROM weir_store_chunk WHERE id BETWEEN ?1 AND ?2");
  if (!chunks) return SQLITE_ERROR;
  int rc = chunks.Bind(1, id * kChunksPerBlock)
               .Bind(2, id * kChunksPerBlock + kChunksPerBlock - 1)
               .Run();
  if (rc != SQLITE_OK) return rc;
  Statement block(db_, "DELETE FROM weir_store_block WHERE id = ?1");
  if (!block) return SQLITE_ERROR;
  rc = block.Bind(1, id).Run();
  reader_.known().Forget(event_class, id);
  ClassTotals& totals = totals_[event_class];
  totals.rows -= rows;
  totals.bytes -= bytes;
  return rc;
}

int StoreFile::SaveFlushed(int event_class, int64_t seq) {
  flushed_[event_class] = seq;
  return SQLITE_OK;
}

int StoreFile::SaveTotals() {
  Statement save(db_,
                 "UPDATE weir_store_class SET flushed = ?2, rows = ?3, bytes = ?4, expired = ?5"
                 " WHERE class = ?1");
  if (!save) return SQLITE_ERROR;
  for (int c = 0; c < schema::kClassCount; ++c) {
    const ClassTotals& totals = totals_[c];
    const int rc = save.Bind(1, std::string_view(schema::kClasses[c].name))
                       .Bind(2, flushed_[c])
                       .Bind(3, totals.rows)
                       .Bind(4, totals.bytes)
                       .Bind(5, totals.expired)
                       .Run();
    if (rc != SQLITE_OK) return rc;
    if (totals.expired_unread == totals_before_[c].expired_unread) continue;
    const std::string key = std::string("expired_unread:") + schema::kClasses[c].name;
    if (const int saved = SaveMeta(key.c_str(), totals.expired_unread)) return saved;
  }
  return SQLITE_OK;
}

int StoreFile::SaveLoss(int64_t run) {
  Statement save(db_,
                 "INSERT OR REPLACE INTO weir_store_loss"
                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
  if (!save) return SQLITE_ERROR;
  for (int c = 0; c < schema::kClassCount; ++c) {
    save.Bind(1, run).Bind(2, std::string_view(schema::kClasses[c].name));
    const LossRow row = LiveLoss(c);
    for (int i = 0; i < kLossColumns; ++i) save.Bind(3 + i, row[i]);
    if (const int rc = save.Run(); rc != SQLITE_OK) return rc;
  }
  // The latest runs are enough.
  return Exec(
      "DELETE FROM weir_store_loss WHERE run < (SELECT min(run) FROM (SELECT DISTINCT run FROM"
      " weir_store_loss ORDER BY run DESC LIMIT 32))");
}

int StoreFile::SaveMeta(const char* key, int64_t value) {
  Statement save(db_, "INSERT OR REPLACE INTO weir_store_meta VALUES (?1, ?2)");
  return save ? save.Bind(1, std::string_view(key)).Bind(2, value).Run() : SQLITE_ERROR;
}

int StoreFile::SaveTime(int64_t ns) { return SaveMeta("last_flush", ns); }

int StoreFile::SaveFilePaths(bool configured) { return SaveMeta("file_paths", configured ? 1 : 0); }

int StoreFile::SaveCoverage(int event_class, const std::string& provider, const std::string& tier,
                            bool on, int64_t ns, const std::string& boot_id) {
  const std::string_view name = schema::kClasses[event_class].name;
  Statement end(db_,
                "UPDATE weir_store_coverage SET until = max(since, ?3)"
                " WHERE class = ?1 AND provider = ?2 AND until IS NULL");
  if (!end) return SQLITE_ERROR;
  const int rc = end.Bind(1, name).Bind(2, std::string_view(provider)).Bind(3, ns).Run();
  if (rc != SQLITE_OK || !on) return rc;
  Statement begin(db_,
                  "INSERT INTO weir_store_coverage(class, provider, tier, since, boot_id)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!begin) return SQLITE_ERROR;
  return begin.Bind(1, name)
      .Bind(2, std::string_view(provider))
      .Bind(3, std::string_view(tier))
      .Bind(4, ns)
      .Bind(5, std::string_view(boot_id))
      .Run();
}

int StoreFile::Reserve(int64_t upto) {
  WriteSeqMark(lock_, upto);
  // NORMAL may lose the last commits in a power cut; a reservation must not be lost.
  int rc = Exec("PRAGMA synchronous = FULL");
  if (rc == SQLITE_OK) rc = SaveMeta("reserved", upto);
  Exec("PRAGMA synchronous = NORMAL");
  if (rc == SQLITE_OK) reserved_ = upto;
  return rc;
}

}  // namespace weir::store
