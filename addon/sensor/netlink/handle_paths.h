// From a folder's handle to its path, and to what lies in it. One thread.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sensor/netlink/fanotify.h"

namespace weir {

class HandlePaths {
 public:
  // `remark` finds out again where file systems are mounted: who showed one of them has ended.
  HandlePaths(const Fanotify& fanotify, std::function<void()> remark)
      : fanotify_(fanotify), remark_(std::move(remark)) {}
  ~HandlePaths() { CloseMounts(); }

  struct Found {
    std::string path;
    bool whole = false;   // false: only the name, the folder is not to be had any more
    bool exists = false;  // then `status` is what has the name now
    struct statx status = {};
    std::string link;  // what a symbolic link says
  };
  // `look`: also at what has the name now.
  Found Find(const NamedPlace& place, bool look);
  // A folder was made: its name is known although it may be gone before anything in it is told of.
  void Learn(const NamedPlace& folder, const std::string& path);
  // A folder has another name now: what was below it has too.
  void FoldersMoved() { known_.clear(); }
  // After each pass: an open mount cannot be unmounted.
  void CloseMounts();

 private:
  int OpenMount(std::string_view fsid);
  int OpenFolder(const NamedPlace& place);

  const Fanotify& fanotify_;
  const std::function<void()> remark_;
  bool remarked_ = false;  // in this pass
  // Handles carry a generation, so a removed folder's name stays right.
  std::unordered_map<std::string, std::string> known_;
  std::unordered_map<std::string, int> mounts_;
};

}  // namespace weir
