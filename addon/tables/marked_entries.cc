#include "tables/marked_entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::tables {
namespace {

// One call answers within milliseconds, so that a query can be stopped between two.
constexpr size_t kBuffer = 128 << 10;

bool LooksAt(const dirent64& entry) {
  return strcmp(entry.d_name, ".") != 0 && strcmp(entry.d_name, "..") != 0;
}

// Of the entry itself, or of what it leads to. False: it is gone, or may not be looked at.
bool Status(int folder, const char* name, bool follow, struct statx* status) {
  const int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
  return statx(folder, name, flags, STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, status) == 0;
}

// Not every file system tells it with the name.
unsigned char TypeOf(int folder, const dirent64& entry) {
  struct statx status;
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  return Status(folder, entry.d_name, false, &status) ? IFTODT(status.stx_mode) : DT_UNKNOWN;
}

void Append(char kind, const struct statx& status, const char* name, std::string* records) {
  const uint32_t numbers[3] = {status.stx_mode, status.stx_uid, status.stx_gid};
  *records += kind;
  records->append(reinterpret_cast<const char*>(numbers), sizeof numbers);
  records->append(name, strlen(name) + 1);
}

}  // namespace

int MarkedEntries(int folder, uint32_t bits, bool follow, std::string* records) {
  alignas(dirent64) static thread_local char buffer[kBuffer];
  const long size = syscall(SYS_getdents64, folder, buffer, sizeof buffer);
  if (size < 0) return -errno;
  for (long at = 0; at < size;) {
    const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
    at += entry->d_reclen;
    if (!LooksAt(*entry)) continue;
    const unsigned char type = TypeOf(folder, *entry);
    struct statx status {};
    if (type == DT_DIR) {
      Append('d', status, entry->d_name, records);
    } else if (type == DT_LNK && !follow) {
      Append('l', status, entry->d_name, records);
    } else if ((type == DT_REG || type == DT_LNK) && Status(folder, entry->d_name, true, &status) &&
               S_ISREG(status.stx_mode) && (status.stx_mode & bits) != 0) {
      Append('f', status, entry->d_name, records);
    }
  }
  return size > 0 ? 1 : 0;
}

}  // namespace weir::tables
