#include "store/file_space.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>

namespace weir::store {

namespace {

constexpr int64_t kMostLog = 8 << 20;
constexpr int64_t kLeastLog = 1 << 20;
// A log so many times as large has not begun anew by itself, as one reader comes after the other.
constexpr int64_t kGrown = 2;
// Pages that the next blocks use again: giving back each one would write most blocks twice.
constexpr int64_t kSparePages = 64;
// An empty store's: without them a small limit would let all rows go.
constexpr int64_t kOwnPages = 10;
constexpr int64_t kPagesAtOnce = 2000;
constexpr int64_t kWorthWriting = 128;
// Readers that were there before the log was written out are waited for this long.
constexpr int kPatienceMs = 50;
constexpr int kBusyMs = 5000;

}  // namespace

int64_t LogBytes(int64_t max_bytes) {
  return max_bytes > 0 ? std::clamp(max_bytes / 8, kLeastLog, kMostLog) : kMostLog;
}

FileSpace::FileSpace(StoreFile& file, int64_t max_bytes)
    : file_(file), log_bytes_(LogBytes(max_bytes)) {
  const int64_t page = std::max<int64_t>(Pragma("PRAGMA page_size"), 1);
  file_.Exec(("PRAGMA wal_autocheckpoint = " + std::to_string(log_bytes_ / page)).c_str());
  file_.Exec(("PRAGMA journal_size_limit = " + std::to_string(log_bytes_)).c_str());
}

int64_t FileSpace::Pragma(const char* sql) {
  Statement query(file_.db(), sql);
  return query && query.Step() == SQLITE_ROW ? query.Int(0) : 0;
}

int64_t FileSpace::Used() {
  const int64_t pages = Pragma("PRAGMA page_count") - Pragma("PRAGMA freelist_count") - kOwnPages;
  return std::max<int64_t>(pages, 0) * Pragma("PRAGMA page_size");
}

int FileSpace::GiveBack() {
  const int64_t spare = Pragma("PRAGMA freelist_count") - kSparePages;
  if (spare > 0) {
    const int64_t pages = std::min(spare, kPagesAtOnce);
    const std::string sql = "PRAGMA incremental_vacuum(" + std::to_string(pages) + ")";
    int rc = file_.Exec(sql.c_str());
    // The file itself becomes smaller when the log is written out, which may not be soon.
    if (rc == SQLITE_OK && pages >= kWorthWriting) rc = Checkpoint("PASSIVE");
    if (rc != SQLITE_OK) return rc;
  }
  struct stat log;
  if (stat((file_.Path() + "-wal").c_str(), &log) != 0 || log.st_size <= kGrown * log_bytes_) {
    return SQLITE_OK;
  }
  return Checkpoint("TRUNCATE");
}

int FileSpace::Checkpoint(const char* mode) {
  sqlite3_busy_timeout(file_.db(), kPatienceMs);
  const int rc = file_.Exec((std::string("PRAGMA wal_checkpoint(") + mode + ")").c_str());
  sqlite3_busy_timeout(file_.db(), kBusyMs);
  return (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED ? SQLITE_OK : rc;
}

}  // namespace weir::store
