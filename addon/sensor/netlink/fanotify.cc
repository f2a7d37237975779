#include "sensor/netlink/fanotify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif

namespace weir {

namespace {

constexpr unsigned kReportTarget = 0x1000;  // FAN_REPORT_TARGET_FID, 5.17
constexpr uint8_t kOldName = 10;            // FAN_EVENT_INFO_TYPE_OLD_DFID_NAME, 5.17
constexpr uint8_t kNewName = 12;            // FAN_EVENT_INFO_TYPE_NEW_DFID_NAME
constexpr size_t kBufferBytes = 256 << 10;

// The place that one information record describes. False when its lengths make no sense.
bool ParsePlace(const char* record, size_t size, NamedPlace* place) {
  constexpr size_t kFixed = sizeof(fanotify_event_info_header) + 8;
  if (size < kFixed + sizeof(file_handle)) return false;
  file_handle handle;
  memcpy(&handle, record + kFixed, sizeof handle);
  const size_t end = kFixed + sizeof(file_handle) + handle.handle_bytes;
  if (handle.handle_bytes > MAX_HANDLE_SZ || end > size) return false;
  place->fsid = {record + sizeof(fanotify_event_info_header), 8};
  place->handle = {record + kFixed, sizeof(file_handle) + handle.handle_bytes};
  place->name = {record + end, strnlen(record + end, size - end)};
  return true;
}

}  // namespace

bool Fanotify::Open(std::string* why) {
  const unsigned basic = FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME;
  // The object's own handle keeps two things of one name apart, and names folders that go at once.
  const unsigned object = FAN_REPORT_FID | kReportTarget;
  for (const unsigned more : {object, 0u}) {
    fd_ = fanotify_init(basic | more, O_RDONLY | O_CLOEXEC);
    if (fd_ >= 0 || errno != EINVAL) break;
  }
  if (fd_ < 0) {
    *why = std::string("fanotify with names: ") + strerror(errno);
    return false;
  }
  // Whether renames come as one event: asked of a mark that nobody needs.
  rename_ = fanotify_mark(fd_, FAN_MARK_ADD, FAN_RENAME | FAN_ONDIR, AT_FDCWD, "/proc/self") == 0 ||
            errno != EINVAL;
  fanotify_mark(fd_, FAN_MARK_FLUSH, 0, AT_FDCWD, "/");
  buffer_.resize(kBufferBytes);
  return true;
}

uint64_t Fanotify::Mask() const {
  return FAN_CREATE | FAN_DELETE | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_ONDIR |
         (rename_ ? uint64_t{FAN_RENAME} : uint64_t{FAN_MOVED_FROM} | FAN_MOVED_TO) |
         (reads_ ? FAN_ACCESS : 0);
}

void Fanotify::WatchReads(bool reads) {
  if (reads == reads_) return;
  reads_ = reads;
  for (const auto& [fsid, point] : mounts_) {
    const unsigned how = reads ? FAN_MARK_ADD : FAN_MARK_REMOVE;
    fanotify_mark(fd_, how | FAN_MARK_FILESYSTEM, FAN_ACCESS, AT_FDCWD, point.c_str());
  }
}

std::vector<std::string> Fanotify::Mark(const std::vector<Mount>& mounts) {
  std::vector<std::string> refused;
  for (const Mount& mount : mounts) {
    // Also what is marked already: unmounting takes the mark away, and device numbers come again.
    struct statfs status;
    if (statfs(mount.point.c_str(), &status) == 0 &&
        fanotify_mark(fd_, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, Mask(), AT_FDCWD,
                      mount.point.c_str()) == 0) {
      const std::string fsid(reinterpret_cast<const char*>(&status.f_fsid), 8);
      const auto known = mounts_.find(fsid);
      if (known == mounts_.end() || access(known->second.c_str(), F_OK) != 0) {
        mounts_[fsid] = mount.point;
      }
      continue;
    }
    const int error = errno;
    if (error == ENOENT || error == EACCES || error == ENOTDIR) continue;
    std::string text = mount.point + " (" + mount.type + "): " + strerror(error);
    if (refused_.insert(mount.type + std::to_string(mount.device)).second) {
      refused.push_back(std::move(text));
    }
  }
  return refused;
}

const std::string* Fanotify::MountOf(std::string_view fsid) const {
  const auto found = mounts_.find(fsid);
  return found == mounts_.end() ? nullptr : &found->second;
}

int Fanotify::Read(const std::function<void()>& taken,
                   const std::function<void(const FanotifyEvent&)>& each) {
  int overflows = 0;
  // Those that wait now and no more: in a flood the queue is never empty, and whoever waits for the
  // end of a pass would wait for the end of the flood. The kernel counts the header of each event.
  int bytes = 0;
  if (ioctl(fd_, FIONREAD, &bytes) != 0) bytes = INT_MAX;
  int64_t waiting = bytes / static_cast<int>(FAN_EVENT_METADATA_LEN);
  while (waiting > 0) {
    const ssize_t got = read(fd_, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return overflows;
    taken();
    auto left = static_cast<size_t>(got);
    const char* at = buffer_.data();
    while (left >= sizeof(fanotify_event_metadata)) {
      fanotify_event_metadata meta;
      memcpy(&meta, at, sizeof meta);
      if (meta.event_len < meta.metadata_len || meta.event_len > left) break;
      --waiting;
      FanotifyEvent event;
      event.mask = meta.mask;
      event.pid = static_cast<uint32_t>(meta.pid);
      size_t offset = meta.metadata_len;
      while (offset + sizeof(fanotify_event_info_header) <= meta.event_len) {
        fanotify_event_info_header info;
        memcpy(&info, at + offset, sizeof info);
        if (info.len < sizeof info || offset + info.len > meta.event_len) break;
        if (info.info_type == FAN_EVENT_INFO_TYPE_FID) {
          ParsePlace(at + offset, info.len, &event.object);
        } else if (info.info_type == kNewName) {
          ParsePlace(at + offset, info.len, &event.renamed);
        } else if (info.info_type == FAN_EVENT_INFO_TYPE_DFID_NAME || info.info_type == kOldName ||
                   info.info_type == FAN_EVENT_INFO_TYPE_DFID) {
          ParsePlace(at + offset, info.len, &event.place);
        }
        offset += info.len;
      }
      if ((meta.mask & FAN_Q_OVERFLOW) != 0) {
        ++overflows;
      } else {
        each(event);
      }
      if (meta.fd >= 0) close(meta.fd);
      at += meta.event_len;
      left -= meta.event_len;
    }
  }
  return overflows;
}

void Fanotify::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace weir
