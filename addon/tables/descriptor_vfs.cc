#include "tables/descriptor_vfs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "store/sqlite.h"
#include "store/temporary_files.h"

namespace weir::tables {

namespace {

sqlite3_vfs* base = nullptr;  // for temporary files, time and chance; set once

struct Descriptor {
  sqlite3_file file;
  int fd;
  int characteristics;
};

Descriptor& Of(sqlite3_file* file) { return *reinterpret_cast<Descriptor*>(file); }

// DescriptorName's two numbers. SQLite puts "-wal" behind the name of a log.
bool Parse(const char* name, int* file, int* log) {
  return name != nullptr && std::sscanf(name, "/%d/%d", file, log) == 2;
}

int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  auto* out = static_cast<char*>(to);
  int got = 0;
  while (got < size) {
    const ssize_t more = pread(Of(file).fd, out + got, static_cast<size_t>(size - got), at + got);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return SQLITE_IOERR_READ;
    if (more == 0) break;
    got += static_cast<int>(more);
  }
  if (got == size) return SQLITE_OK;
  std::memset(out + got, 0, static_cast<size_t>(size - got));
  return SQLITE_IOERR_SHORT_READ;
}

int Size(sqlite3_file* file, sqlite3_int64* size) {
  struct stat facts;
  if (fstat(Of(file).fd, &facts) != 0) return SQLITE_IOERR_FSTAT;
  *size = facts.st_size;
  return SQLITE_OK;
}

// Version 1: no memory shared with the log's writer. A connection in exclusive mode needs none.
const sqlite3_io_methods kMethods = {
    1,
    [](sqlite3_file*) { return SQLITE_OK; },
    Read,
    [](sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; },
    [](sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; },
    [](sqlite3_file*, int) { return SQLITE_OK; },
    Size,
    [](sqlite3_file*, int) { return SQLITE_OK; },
    [](sqlite3_file*, int) { return SQLITE_OK; },
    [](sqlite3_file*, int* reserved) {
      *reserved = 0;
      return SQLITE_OK;
    },
    [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    [](sqlite3_file*) { return 4096; },
    [](sqlite3_file* file) { return Of(file).characteristics; },
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* opened) {
  if (name == nullptr) return base->xOpen(base, name, file, flags, opened);
  Descriptor& descriptor = Of(file);
  descriptor.file.pMethods = nullptr;
  int database = -1, log = -1;
  const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
  if (!Parse(name, &database, &log) || (!is_log && (flags & SQLITE_OPEN_MAIN_DB) == 0)) {
    return SQLITE_CANTOPEN;
  }
  descriptor.fd = is_log ? log : database;
  if (descriptor.fd < 0) return SQLITE_CANTOPEN;
  // With a log the file is what the log says; without one SQLite need not look for any.
  descriptor.characteristics = log < 0 ? SQLITE_IOCAP_IMMUTABLE : 0;
  descriptor.file.pMethods = &kMethods;
  if (opened) *opened = SQLITE_OPEN_READONLY | (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL));
  return SQLITE_OK;
}

int Access(sqlite3_vfs*, const char* name, int, int* there) {
  int file = -1, log = -1;
  const size_t size = std::strlen(name);
  const bool is_log = size > 4 && std::strcmp(name + size - 4, "-wal") == 0;
  *there = is_log && Parse(name, &file, &log) && log >= 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* name, int size, char* out) {
  return std::snprintf(out, static_cast<size_t>(size), "%s", name) < size ? SQLITE_OK
                                                                          : SQLITE_CANTOPEN;
}

}  // namespace

bool RegisterDescriptorVfs() {
  // Temporary files of these connections count as those of the query that reads them.
  if (!store::BoundTemporaryFiles()) return false;
  static std::once_flag once;
  static int registered = SQLITE_ERROR;
  std::call_once(once, [] {
    static sqlite3_vfs vfs;
    base = sqlite3_vfs_find(nullptr);
    vfs = *base;
    vfs.zName = kDescriptorVfs;
    vfs.pNext = nullptr;
    vfs.szOsFile = std::max(static_cast<int>(sizeof(Descriptor)), base->szOsFile);
    vfs.xOpen = Open;
    vfs.xDelete = [](sqlite3_vfs*, const char*, int) { return SQLITE_OK; };
    vfs.xAccess = Access;
    vfs.xFullPathname = FullPathname;
    registered = sqlite3_vfs_register(&vfs, 0);
  });
  return registered == SQLITE_OK;
}

std::string DescriptorName(int file, int log) {
  return "/" + std::to_string(file) + "/" + std::to_string(log);
}

}  // namespace weir::tables
