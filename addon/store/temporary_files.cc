#include "store/temporary_files.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "store/sqlite.h"

namespace weir::store {

namespace {

constexpr int kTemporary = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TEMP_JOURNAL |
                           SQLITE_OPEN_TRANSIENT_DB | SQLITE_OPEN_SUBJOURNAL;

std::atomic<int64_t> limit = int64_t{1} << 30;
std::atomic<int64_t> used = 0;
thread_local bool counts = false;
thread_local bool refused = false;

sqlite3_vfs* original = nullptr;  // SQLite's own; set once, before it is used

// What SQLite is given for a temporary file; the file itself lies behind it.
struct Counted {
  sqlite3_file base;
  int64_t size;
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

Counted& Of(sqlite3_file* file) { return *reinterpret_cast<Counted*>(file); }

// False: that would be more than all may have.
bool Grow(Counted& counted, int64_t size) {
  if (size <= counted.size) return true;
  const int64_t more = size - counted.size;
  if (used.fetch_add(more) + more > limit.load(std::memory_order_relaxed)) {
    used.fetch_sub(more);
    refused = true;
    return false;
  }
  counted.size = size;
  return true;
}

void Shrink(Counted& counted, int64_t size) {
  if (size >= counted.size) return;
  used.fetch_sub(counted.size - size);
  counted.size = size;
}

int Close(sqlite3_file* file) {
  Counted& counted = Of(file);
  const int rc = counted.file()->pMethods->xClose(counted.file());
  Shrink(counted, 0);
  return rc;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  Counted& counted = Of(file);
  if (!Grow(counted, at + size)) return SQLITE_FULL;
  return counted.file()->pMethods->xWrite(counted.file(), data, size, at);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Counted& counted = Of(file);
  const int rc = counted.file()->pMethods->xTruncate(counted.file(), size);
  if (rc == SQLITE_OK) Shrink(counted, size);
  return rc;
}

// The calls that change nothing here. Version 1 of the methods: no mapping of memory, which would
// write past xWrite.
const sqlite3_io_methods kMethods = {
    1,
    Close,
    [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
      return Of(file).file()->pMethods->xRead(Of(file).file(), to, size, at);
    },
    Write,
    Truncate,
    [](sqlite3_file* file, int flags) {
      return Of(file).file()->pMethods->xSync(Of(file).file(), flags);
    },
    [](sqlite3_file* file, sqlite3_int64* size) {
      return Of(file).file()->pMethods->xFileSize(Of(file).file(), size);
    },
    [](sqlite3_file* file, int level) {
      return Of(file).file()->pMethods->xLock(Of(file).file(), level);
    },
    [](sqlite3_file* file, int level) {
      return Of(file).file()->pMethods->xUnlock(Of(file).file(), level);
    },
    [](sqlite3_file* file, int* out) {
      return Of(file).file()->pMethods->xCheckReservedLock(Of(file).file(), out);
    },
    [](sqlite3_file* file, int what, void* argument) {
      return Of(file).file()->pMethods->xFileControl(Of(file).file(), what, argument);
    },
    [](sqlite3_file* file) { return Of(file).file()->pMethods->xSectorSize(Of(file).file()); },
    [](sqlite3_file* file) {
      return Of(file).file()->pMethods->xDeviceCharacteristics(Of(file).file());
    },
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* opened) {
  // All others are the original's own: it is as if this were not there.
  if (!counts || (flags & kTemporary) == 0) {
    return original->xOpen(original, name, file, flags, opened);
  }
  Counted& counted = Of(file);
  counted.base.pMethods = nullptr;
  counted.size = 0;
  counted.file()->pMethods = nullptr;
  const int rc = original->xOpen(original, name, counted.file(), flags, opened);
  if (rc == SQLITE_OK) {
    counted.base.pMethods = &kMethods;
  } else if (counted.file()->pMethods) {
    counted.file()->pMethods->xClose(counted.file());
  }
  return rc;
}

}  // namespace

void LimitTemporaryFiles(int64_t bytes) { limit = bytes; }
int64_t TemporaryFilesLimit() { return limit; }
int64_t TemporaryFilesBytes() { return used; }

bool BoundTemporaryFiles() {
  if (!sqlite3_api) return false;
  static std::once_flag once;
  std::call_once(once, [] {
    static sqlite3_vfs bounded;
    original = sqlite3_vfs_find(nullptr);
    bounded = *original;
    bounded.zName = "weir";
    bounded.pNext = nullptr;
    bounded.szOsFile = static_cast<int>(sizeof(Counted)) + original->szOsFile;
    bounded.xOpen = Open;
    sqlite3_vfs_register(&bounded, 1);
  });
  counts = true;
  return true;
}

bool TemporaryFilesRefused() {
  const bool was = refused;
  refused = false;
  return was;
}

}  // namespace weir::store
