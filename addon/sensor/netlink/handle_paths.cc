#include "sensor/netlink/handle_paths.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

namespace weir {

namespace {

constexpr size_t kMost = 8192;

}  // namespace

void HandlePaths::Learn(const NamedPlace& folder, const std::string& path) {
  if (folder.fsid.empty()) return;
  std::string key(folder.fsid);
  key.append(folder.handle);
  if (known_.size() >= kMost) known_.clear();
  known_[std::move(key)] = path;
}

int HandlePaths::OpenMount(std::string_view fsid) {
  const std::string* point = fanotify_.MountOf(fsid);
  return point == nullptr ? -1 : open(point->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

int HandlePaths::OpenFolder(const NamedPlace& place) {
  const std::string fsid(place.fsid);
  auto mount = mounts_.find(fsid);
  if (mount == mounts_.end()) {
    int fd = OpenMount(place.fsid);
    if (fd < 0 && !std::exchange(remarked_, true)) {
      remark_();
      fd = OpenMount(place.fsid);
    }
    if (fd < 0) return -1;
    mount = mounts_.emplace(fsid, fd).first;
  }
  alignas(file_handle) char handle[sizeof(file_handle) + MAX_HANDLE_SZ];
  memcpy(handle, place.handle.data(), place.handle.size());
  return open_by_handle_at(mount->second, reinterpret_cast<file_handle*>(handle),
                           O_PATH | O_CLOEXEC | O_DIRECTORY);
}

HandlePaths::Found HandlePaths::Find(const NamedPlace& place, bool look) {
  Found found;
  std::string key(place.fsid);
  key.append(place.handle);
  auto known = known_.find(key);
  if (known == known_.end() || look) {
    const int folder = OpenFolder(place);
    if (folder >= 0 && known == known_.end()) {
      char link[32];
      char path[PATH_MAX];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      const ssize_t size = readlink(link, path, sizeof path);
      std::string text(path, size > 0 ? static_cast<size_t>(size) : 0);
      // A folder that is removed already had this name when it was.
      constexpr std::string_view kDeleted = " (deleted)";
      if (text.ends_with(kDeleted)) text.resize(text.size() - kDeleted.size());
      if (text.starts_with("/")) {
        if (known_.size() >= kMost) known_.clear();
        known = known_.emplace(std::move(key), std::move(text)).first;
      }
    }
    if (folder >= 0 && look && place.name != ".") {
      const std::string name(place.name);
      found.exists = statx(folder, name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                           STATX_BASIC_STATS | STATX_BTIME, &found.status) == 0;
      if (found.exists && S_ISLNK(found.status.stx_mode)) {
        std::vector<char> says(PATH_MAX);
        const ssize_t size = readlinkat(folder, name.c_str(), says.data(), says.size());
        if (size > 0) found.link.assign(says.data(), static_cast<size_t>(size));
      }
    }
    if (folder >= 0) close(folder);
  }
  found.whole = known != known_.end();
  if (!found.whole) {
    found.path = place.name;
  } else if (place.name == ".") {
    found.path = known->second;
  } else {
    found.path = known->second == "/" ? "/" : known->second + "/";
    found.path.append(place.name);
  }
  return found;
}

void HandlePaths::CloseMounts() {
  for (const auto& [fsid, fd] : mounts_) close(fd);
  mounts_.clear();
  remarked_ = false;
}

}  // namespace weir
