#include "tables/process_ids.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace weir::tables {

namespace {

// include/uapi/linux/pidfd.h of Linux 6.13, which Debian's headers do not have yet. The structure
// may grow; the kernel fills as much as the caller's size says.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroupid;
  uint32_t pid, tgid, ppid;
  uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  uint32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long kGetInfo = _IOWR(0xff, 11, PidfdInfo);
constexpr uint64_t kCredentials = 1 << 1;

// False from the first kernel call that says that there is no such thing.
std::atomic<bool> pidfd_info_known{true};

int32_t Append(const uint32_t ids[6], std::string* out) {
  char text[80];
  const int size = std::snprintf(text, sizeof text, "%u %u %u %u %u %u", ids[0], ids[1], ids[2],
                                 ids[3], ids[4], ids[5]);
  out->append(text, size);
  return size;
}

// False: ask the file.
bool FromPidfd(uint32_t pid, uint32_t ids[6]) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return false;
  PidfdInfo info{};
  info.mask = kCredentials;
  const int rc = ioctl(fd, kGetInfo, &info);
  if (rc != 0 && (errno == ENOTTY || errno == EINVAL)) pidfd_info_known = false;
  close(fd);
  if (rc != 0 || (info.mask & kCredentials) == 0) return false;
  const uint32_t found[6] = {info.ruid, info.euid, info.suid, info.rgid, info.egid, info.sgid};
  std::memcpy(ids, found, sizeof found);
  return true;
}

// The kernel escapes the name in the file's first line, so a key at the begin of a line is its own.
bool FromStatus(const char* status, uint32_t ids[6]) {
  const char* uids = std::strstr(status, "\nUid:");
  const char* gids = std::strstr(status, "\nGid:");
  return uids && gids && std::sscanf(uids, "\nUid: %u %u %u", &ids[0], &ids[1], &ids[2]) == 3 &&
         std::sscanf(gids, "\nGid: %u %u %u", &ids[3], &ids[4], &ids[5]) == 3;
}

}  // namespace

int32_t AppendProcessIds(int folder, uint32_t pid, bool live, std::string* out) {
  uint32_t ids[6];
  if (live && pidfd_info_known && FromPidfd(pid, ids)) return Append(ids, out);
  const std::string path = std::to_string(pid) + "/status";
  const int fd = openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  char status[4096];
  const ssize_t size = read(fd, status, sizeof status - 1);
  const int error = errno;
  close(fd);
  if (size < 0) return -error;
  status[size] = '\0';
  return FromStatus(status, ids) ? Append(ids, out) : -ESRCH;
}

}  // namespace weir::tables
