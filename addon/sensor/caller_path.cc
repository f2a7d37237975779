#include "sensor/caller_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>
#include <vector>

#include "batch/caches.h"

namespace weir {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

// The kernel's name of what a descriptor is of; empty when it has none any more.
std::string NameOf(const Descriptor& file) {
  char name[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(file.get());
  const ssize_t length = readlink(link.c_str(), name, sizeof name);
  if (length <= 0 || length == sizeof name || name[0] != '/') return {};
  std::string real(name, static_cast<size_t>(length));
  return real.ends_with(" (deleted)") ? std::string() : real;
}

// O_PATH opens nothing: no device wakes up, no fifo waits, and the folder's access time stays.
std::string NameIn(const Descriptor& root, const std::string& folder) {
  open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const Descriptor found(
      static_cast<int>(syscall(SYS_openat2, root.get(), folder.c_str(), &how, sizeof how)));
  return found.get() < 0 ? std::string() : NameOf(found);
}

// The kernel's own name of a folder of our mount namespace; empty when it is gone.
std::string RealFolder(const std::string& folder) {
  const Descriptor root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return root.get() < 0 ? std::string() : NameIn(root, folder);
}

// The same of a folder of a process's mount namespace, whose names may change while we look: by
// pivot_root the old root becomes /old, and when the last process ends each mount is for itself. So
// what the root is called has to be the same before and after, and the process to be there.
std::string RealFolderOf(const std::string& folder, uint32_t pid) {
  const std::string root_path = "/proc/" + std::to_string(pid) + "/root";
  const Descriptor root(open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return {};
  const std::string root_name = NameOf(root);
  if (root_name.empty()) return {};
  // A record's path begins at the namespace's root, before that of a chroot.
  const size_t prefix = root_name == "/" ? 0 : root_name.size();
  if (!folder.starts_with(root_name)) return {};
  if (folder.size() > prefix && folder[prefix] != '/') return {};
  const std::string inside = folder.size() > prefix ? folder.substr(prefix) : "/";
  std::string real = NameIn(root, inside);
  if (NameOf(root) != root_name || access(root_path.c_str(), F_OK) != 0) return {};
  return real;
}

// What the caller calls its own in /proc, by its number: /proc/self, /proc/thread-self and /dev/fd.
// Empty when the folder is none of them.
std::string OwnByNumber(std::string_view folder, uint32_t pid) {
  for (const auto& [own, below] : {std::pair<std::string_view, std::string_view>{"/proc/self", ""},
                                   {"/proc/thread-self", ""},
                                   {"/dev/fd", "/fd"}}) {
    if (!folder.starts_with(own)) continue;
    const std::string_view rest = folder.substr(own.size());
    if (!rest.empty() && rest[0] != '/') continue;
    return ("/proc/" + std::to_string(pid)).append(below).append(rest);
  }
  return {};
}

// Length of the link at the beginning of a folder that leads to a root, working directory or
// descriptor of some process: /proc/NUMBER/root, /cwd and /fd/NUMBER. 0: there is none.
size_t ProcessLink(std::string_view folder) {
  constexpr std::string_view kProc = "/proc/", kDigits = "0123456789";
  if (!folder.starts_with(kProc)) return 0;
  const size_t number = std::min(folder.find_first_not_of(kDigits, kProc.size()), folder.size());
  if (number == kProc.size()) return 0;
  for (const std::string_view link : {"/root", "/cwd", "/fd/"}) {
    if (folder.compare(number, link.size(), link) != 0) continue;
    size_t end = number + link.size();
    if (link == "/fd/") {
      end = std::min(folder.find_first_not_of(kDigits, end), folder.size());
      if (end == number + link.size()) return 0;
    }
    if (end == folder.size() || folder[end] == '/') return end;
  }
  return 0;
}

// The real folder behind such a link, `rest` from there on. Its process may have ended by now; then
// its root is taken for ours, as `rest` is looked up in our mount namespace.
std::string RealFolderBehind(const std::string& link, const std::string& rest, bool in_own) {
  const Descriptor start(open(link.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (start.get() < 0) {
    return in_own && link.ends_with("/root") ? RealFolder(rest.empty() ? "/" : rest)
                                             : std::string();
  }
  const size_t name = rest.find_first_not_of('/');
  if (name == std::string::npos) return NameOf(start);
  open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const Descriptor found(
      static_cast<int>(syscall(SYS_openat2, start.get(), rest.c_str() + name, &how, sizeof how)));
  return found.get() < 0 ? std::string() : NameOf(found);
}

// A look-up through a link to /proc/self ended at ours; the caller meant its own.
void NameCaller(std::string* real, uint32_t pid) {
  static const std::string own = "/proc/" + std::to_string(getpid());
  if (!real->starts_with(own)) return;
  if (real->size() > own.size() && (*real)[own.size()] != '/') return;
  real->replace(0, own.size(), "/proc/" + std::to_string(pid));
}

uint32_t OwnMountNamespace() {
  static const uint32_t inode = [] {
    struct stat facts;
    return stat("/proc/self/ns/mnt", &facts) == 0 ? static_cast<uint32_t>(facts.st_ino) : 0;
  }();
  return inode;
}

}  // namespace

std::string CleanPath(std::string_view path) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string clean;
  clean.reserve(path.size());
  for (const std::string_view part : parts) clean.append("/").append(part);
  return clean.empty() ? "/" : clean;
}

void CallerPath::Keep(const std::string& key, Folder folder) {
  constexpr size_t kEntryBytes = sizeof(std::pair<const std::string, Folder>) + 4 * sizeof(void*);
  const auto size = [&](const Folder& one) { return kEntryBytes + key.size() + one.real.size(); };
  CacheState& state = TheCache(Cache::kFolders);
  if (const auto old = folders_.find(key); old != folders_.end()) {
    bytes_ -= size(old->second);
    folders_.erase(old);
  }
  if (folders_.size() >= kMaxFolders || bytes_ + size(folder) > kMaxBytes) {
    state.Evict(folders_.size());
    folders_.clear();
    bytes_ = 0;
  }
  bytes_ += size(folder);
  folders_.emplace(key, std::move(folder));
  state.Hold(folders_.size(), bytes_, kMaxBytes);
}

std::string_view CallerPath::Resolve(std::string_view path, uint32_t pid, uint32_t mnt_ns,
                                     uint64_t now) {
  // A path whose head was cut is no path to look up.
  if (path.empty() || path[0] != '/') return path;
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  const std::string_view name = path.substr(slash + 1);
  if (name == "." || name == ".." || slash == 0) {
    result_ = CleanPath(path);
    return result_;
  }
  const bool in_own = mnt_ns == OwnMountNamespace();
  std::string folder = OwnByNumber(path.substr(0, slash), pid);
  // Numbers that others wrote may be of another pid namespace, where they have their own /proc.
  const bool has_link = !folder.empty() || in_own;
  if (folder.empty()) folder = path.substr(0, slash);
  key_.assign(reinterpret_cast<const char*>(&mnt_ns), sizeof mnt_ns);
  key_.append(folder);
  auto found = folders_.find(key_);
  if (found == folders_.end() || found->second.until < now) {
    const size_t link = has_link ? ProcessLink(folder) : 0;
    std::string real;
    if (link > 0) {
      real = RealFolderBehind(folder.substr(0, link), folder.substr(link), in_own);
    } else {
      // In our own namespace no process is needed: `rm` has ended before anybody could ask for it.
      real = in_own ? RealFolder(folder) : RealFolderOf(folder, pid);
    }
    if (real.empty()) real = CleanPath(folder);
    Keep(key_, Folder{std::move(real), now + kKeepNs});
    found = folders_.find(key_);
  }
  result_ = found->second.real;
  NameCaller(&result_, pid);
  if (result_ != "/") result_ += '/';
  result_ += name;
  return result_;
}

}  // namespace weir
