// fanotify with file handles and names: what happened to which name in which folder, by whom.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/netlink/mounts.h"

namespace weir {

// A folder of a file system by its handle, and a name in it. Views of the read buffer.
struct NamedPlace {
  std::string_view fsid;    // 8 bytes; empty: no place
  std::string_view handle;  // struct file_handle
  std::string_view name;    // "." for the folder itself
};

struct FanotifyEvent {
  uint64_t mask = 0;
  uint32_t pid = 0;    // of the process; 0: not of ours to see
  NamedPlace place;    // of a rename: the old name
  NamedPlace renamed;  // FAN_RENAME: the new name
  NamedPlace object;   // what has the name, by its own handle (kernel 5.17)
};

class Fanotify {
 public:
  ~Fanotify() { Close(); }

  // False with `why`. Kernel 5.9 for names; what 5.17 adds is used when it is there.
  bool Open(std::string* why);
  int fd() const { return fd_; }
  // Some file system is marked.
  bool watches() const { return !mounts_.empty(); }
  // Reads of files too. Changes the marks that are there.
  void WatchReads(bool reads);
  // Marks what is not marked yet. Returns one text per file system that cannot be watched, each
  // file system told once.
  std::vector<std::string> Mark(const std::vector<Mount>& mounts);
  // Where a file system is mounted; nullptr when it is not marked.
  const std::string* MountOf(std::string_view fsid) const;
  // Every event that waits; `taken` when some were taken out and before `each` gets them. Returns
  // how often the kernel's queue overflowed.
  int Read(const std::function<void()>& taken,
           const std::function<void(const FanotifyEvent&)>& each);
  void Close();

 private:
  uint64_t Mask() const;

  int fd_ = -1;
  bool rename_ = false;
  bool reads_ = false;
  std::set<std::string> refused_;                           // type and device, told already
  std::map<std::string, std::string, std::less<>> mounts_;  // fsid -> mount point
  std::vector<char> buffer_;
};

}  // namespace weir
