#include "sensor/netlink/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "batch/batch.h"
#include "sensor/clock.h"
#include "sensor/netlink/pack.h"
#include "sensor/proc_file.h"

#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif

namespace weir {

namespace {

constexpr size_t kMostRemembered = 65'536;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kReadingNs = 10 * kSecond;
// Other mount namespaces are looked for so often, and so many are watched.
constexpr int64_t kNamespacesNs = 1 * kSecond;
constexpr size_t kMostNamespaces = 256;
constexpr size_t kMostMountinfo = 1 << 20;

uint64_t PlaceKey(const NamedPlace& place, uint64_t seed) {
  uint64_t hash = KeyedHash(place.fsid.data(), place.fsid.size(), seed);
  hash = KeyedHash(place.handle.data(), place.handle.size(), hash);
  return KeyedHash(place.name.data(), place.name.size(), hash);
}

// As bpf/lib/file_event.h has it: not the devices that programs write to all the time without
// changing anything, nor pipes and sockets. What is gone already may have been anything.
bool IsReported(const HandlePaths::Found& found) {
  if (!found.exists) return true;
  const uint32_t kind = found.status.stx_mode & S_IFMT;
  if (kind != S_IFCHR) return kind == S_IFREG || kind == S_IFBLK;
  const uint32_t major = found.status.stx_rdev_major;
  const uint32_t minor = found.status.stx_rdev_minor;
  if (major == 1) return minor != 3 && minor != 5 && minor != 7 && minor != 8 && minor != 9;
  return major != 4 && major != 5 && (major < 136 || major > 143);
}

uint64_t InodeKey(const HandlePaths::Found& found) {
  const uint64_t key[] = {uint64_t{found.status.stx_dev_major} << 32 | found.status.stx_dev_minor,
                          found.status.stx_ino};
  return KeyedHash(key, sizeof key, 0);
}

}  // namespace

FileSource::FileSource(TaskTable& tasks, Scope& scope, Sink& sink, std::function<void()> catch_up)
    : paths_(fanotify_, [this] { MarkOtherNamespaces(true); }),
      tasks_(tasks),
      scope_(scope),
      sink_(sink),
      catch_up_(std::move(catch_up)) {}

FileSource::~FileSource() {
  if (mountinfo_ >= 0) close(mountinfo_);
  if (mounts_changed_ >= 0) close(mounts_changed_);
}

bool FileSource::Open(std::string* why) {
  if (!fanotify_.Open(why)) return false;
  mountinfo_ = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  mounts_changed_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event interest = {};
  interest.events = EPOLLPRI;
  epoll_ctl(mounts_changed_, EPOLL_CTL_ADD, mountinfo_, &interest);
  fanotify_.WatchReads(scope_.HasReads());
  MarkMounts();
  if (!fanotify_.watches()) {
    *why = "no file system can be watched";
    for (const std::string& refused : Refused()) *why += "; " + refused;
    return false;
  }
  MarkOtherNamespaces(false);
  last_pass_ = Nanoseconds(CLOCK_REALTIME);
  return true;
}

std::vector<std::string> FileSource::Refused() const {
  const std::lock_guard lock(refused_mutex_);
  return refused_;
}

void FileSource::MarkMounts() {
  std::vector<std::string> refused = fanotify_.Mark(ReadMounts("/proc/self/mountinfo", ""));
  const std::lock_guard lock(refused_mutex_);
  refused_.insert(refused_.end(), refused.begin(), refused.end());
}

// What is mounted only inside of containers. Their file systems are reached through a process.
void FileSource::MarkOtherNamespaces(bool anew) {
  const int64_t now = Nanoseconds(CLOCK_MONOTONIC);
  if (!anew && now - namespaces_at_ < kNamespacesNs) return;
  namespaces_at_ = now;
  auto alive = tasks_.MountNamespaces();
  std::erase_if(namespaces_, [&](const auto& known) { return !alive.contains(known.first); });
  for (const auto& [name, pid] : alive) {
    const std::string process = "/proc/" + std::to_string(pid);
    // Compared, because holding a namespace's file to wait for changes would keep its mounts busy.
    const std::string mounted = ReadProcFile(process + "/mountinfo", kMostMountinfo);
    const uint64_t hash = KeyedHash(mounted.data(), mounted.size(), 0);
    const auto known = namespaces_.find(name);
    if (!anew && known != namespaces_.end() && known->second == hash) continue;
    if (known == namespaces_.end() && namespaces_.size() >= kMostNamespaces) continue;
    namespaces_[name] = hash;
    // A refusal was said for the host already, or is of a file system that only a container has.
    fanotify_.Mark(ReadMounts(process + "/mountinfo", process + "/root"));
  }
}

void FileSource::Pass(bool) {
  pollfd mounts = {mountinfo_, POLLPRI, 0};
  if (poll(&mounts, 1, 0) > 0) MarkMounts();
  MarkOtherNamespaces(false);
  fanotify_.WatchReads(scope_.HasReads());
  const int64_t began = Nanoseconds(CLOCK_REALTIME);
  if (began - reading_since_ > kReadingNs) {
    reading_.clear();
    reading_since_ = began;
  }
  const int overflows =
      fanotify_.Read(catch_up_, [this](const FanotifyEvent& event) { Handle(event); });
  // How many were dropped the kernel does not say.
  if (overflows > 0 && scope_.On(WEIR_CLASS_FILE)) sink_.Lost(WEIR_CLASS_FILE, overflows);
  paths_.CloseMounts();
  last_pass_ = began;
}

bool FileSource::Remember(std::unordered_set<uint64_t>& set, uint64_t key) {
  if (set.size() >= kMostRemembered) set.clear();
  return set.insert(key).second;
}

void FileSource::Handle(const FanotifyEvent& event) {
  if (event.place.fsid.empty() || scope_.IsOwn(event.pid)) return;
  const bool folder = (event.mask & FAN_ONDIR) != 0;
  const bool moves = (event.mask & (FAN_RENAME | FAN_MOVED_TO)) != 0;
  const Task task = tasks_.Get(event.pid);
  if (!scope_.Has(task, WEIR_CLASS_FILE)) {
    if (folder && moves) paths_.FoldersMoved();
    return;
  }
  HandlePaths::Found found = paths_.Find(event.place, true);
  const uint64_t open = PlaceKey(event.place, event.pid);
  // Events of one name that wait together are one, with all their bits. What is there now tells
  // whether it went before it came.
  const bool went_first = (event.mask & FAN_CREATE) != 0 && found.exists;
  if ((event.mask & FAN_DELETE) != 0 && went_first)
    Emit(task, folder ? WEIR_RMDIR : WEIR_UNLINK, found);
  if ((event.mask & FAN_CREATE) != 0) {
    Created(event, task, found);
    if (folder && found.whole) paths_.Learn(event.object, found.path);
  }
  if ((event.mask & FAN_ACCESS) != 0 && !folder && scope_.Reads(found.path) && IsReported(found) &&
      Remember(reading_, open)) {
    Emit(task, WEIR_OPEN_READ, found);
  }
  if ((event.mask & (FAN_MODIFY | FAN_CLOSE_WRITE)) != 0 && !folder && IsReported(found)) {
    if (Remember(writing_, open)) Emit(task, WEIR_OPEN_WRITE, found);
    if ((event.mask & FAN_CLOSE_WRITE) != 0) {
      Emit(task, WEIR_CLOSE_WRITE, found);
      writing_.erase(open);
    }
  }
  if ((event.mask & FAN_ATTRIB) != 0 && (event.mask & FAN_CREATE) == 0) {
    Emit(task, WEIR_ATTRIBUTES, found);
  }
  if ((event.mask & FAN_RENAME) != 0) {
    Renamed(task, folder, found, paths_.Find(event.renamed, true));
  } else if ((event.mask & FAN_MOVED_FROM) != 0) {
    moved_ = event;
    const std::string_view* views[] = {&event.place.fsid, &event.place.handle, &event.place.name};
    for (int i = 0; i < 3; ++i) moved_place_[i] = *views[i];
    moved_.place = {moved_place_[0], moved_place_[1], moved_place_[2]};
  } else if ((event.mask & FAN_MOVED_TO) != 0) {
    // The halves of one rename follow each other. Without the first it came from elsewhere.
    HandlePaths::Found from;
    if (moved_.pid == event.pid && moved_.mask != 0) from = paths_.Find(moved_.place, false);
    moved_ = {};
    Renamed(task, folder, from, found);
  }
  if ((event.mask & FAN_DELETE) != 0 && !went_first) {
    Emit(task, folder ? WEIR_RMDIR : WEIR_UNLINK, found);
  }
}

void FileSource::Renamed(const Task& task, bool folder, const HandlePaths::Found& from,
                         const HandlePaths::Found& to) {
  HandlePaths::Found old = from;
  // What it is is at its new name now.
  old.exists = to.exists;
  old.status = to.status;
  Emit(task, WEIR_RENAME, old, &to);
  if (folder) paths_.FoldersMoved();
}

// A further name for a file that was there before. Files with one name never are.
bool FileSource::IsLink(const HandlePaths::Found& found) const {
  if (!S_ISREG(found.status.stx_mode) || found.status.stx_nlink < 2) return false;
  if (created_.contains(InodeKey(found)) || (found.status.stx_mask & STATX_BTIME) == 0) return true;
  const auto& born = found.status.stx_btime;
  return born.tv_sec * kSecond + born.tv_nsec < last_pass_;
}

void FileSource::Created(const FanotifyEvent& event, const Task& task,
                         const HandlePaths::Found& found) {
  if ((event.mask & FAN_ONDIR) != 0) return Emit(task, WEIR_MKDIR, found);
  if (!found.exists) {
    Remember(writing_, PlaceKey(event.place, event.pid));
    return Emit(task, WEIR_CREATE, found);
  }
  switch (found.status.stx_mode & S_IFMT) {
    case S_IFLNK: {
      HandlePaths::Found says;
      says.path = found.link;
      says.whole = true;
      return Emit(task, WEIR_SYMLINK, found, &says);
    }
    case S_IFREG:
      if (IsLink(found)) {
        // Which of its other names was given to link(2) is not to be found out.
        HandlePaths::Found unknown = found;
        unknown.path.clear();
        unknown.whole = true;
        return Emit(task, WEIR_LINK, unknown, &found);
      }
      Remember(created_, InodeKey(found));
      Remember(writing_, PlaceKey(event.place, event.pid));
      return Emit(task, WEIR_CREATE, found);
    default:
      return Emit(task, WEIR_MKNOD, found);
  }
}

void FileSource::Emit(const Task& task, uint16_t type, const HandlePaths::Found& found,
                      const HandlePaths::Found* dest) {
  auto slot = scope_.Excludes(task, WEIR_CLASS_FILE);
  if (!slot) slot = scope_.ExcludesPath(found.path);
  if (slot) return sink_.Excluded(WEIR_CLASS_FILE, *slot);
  weir_file_event e = {};
  e.h = HeaderOf(task, type, static_cast<uint64_t>(Nanoseconds(CLOCK_BOOTTIME)));
  e.fd = -1;
  if (!found.whole) e.h.flags |= WEIR_F_TRUNCATED(0);
  if (dest != nullptr && !dest->whole) e.h.flags |= WEIR_F_TRUNCATED(1);
  if (found.exists) {
    const struct statx& s = found.status;
    e.dev = uint64_t{s.stx_dev_major} << 20 | s.stx_dev_minor;
    e.ino = s.stx_ino;
    e.size = s.stx_size;
    e.atime = s.stx_atime.tv_sec;
    e.mtime = s.stx_mtime.tv_sec;
    e.ctime = s.stx_ctime.tv_sec;
    e.mode = s.stx_mode;
    e.owner_uid = s.stx_uid;
    e.owner_gid = s.stx_gid;
    e.nlink = s.stx_nlink;
  }
  sink_.Emit(Pack(e, {found.path, dest == nullptr ? std::string_view() : dest->path}),
             WEIR_CLASS_FILE, Origin::kFanotify);
}

}  // namespace weir
