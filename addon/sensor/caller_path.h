// Paths that had to be taken from the caller's memory (removes, renames, links): the folder it
// stood in and what it wrote. `/tmp/../etc/shadow`, and `/tmp/x/shadow` where x is a link to /etc,
// name a file below /etc, and a rule for /etc must see them there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir {

class CallerPath {
 public:
  // The folder's real name, then the last component as it was written. The folder is looked up as
  // the mount namespace has it, when the record is decoded: a caller that exchanges a link between
  // its call and that moment (milliseconds), or that is gone by then, gets the name that the text
  // alone gives. `now` is ns since boot. The view is valid until the next call.
  std::string_view Resolve(std::string_view path, uint32_t pid, uint32_t mnt_ns, uint64_t now);

  size_t bytes() const { return bytes_; }
  static constexpr size_t max_bytes() { return kMaxBytes; }

 private:
  struct Folder {
    std::string real;
    uint64_t until;
  };
  // Removing a tree asks for the same folders over and over. Short, because links change.
  static constexpr uint64_t kKeepNs = 100'000'000;
  static constexpr size_t kMaxFolders = 2048;
  static constexpr size_t kMaxBytes = 4u << 20;

  void Keep(const std::string& key, Folder folder);

  std::unordered_map<std::string, Folder> folders_;
  size_t bytes_ = 0;  // of folders_
  std::string key_;
  std::string result_;
};

// Without empty, `.` and `..` components, as far as the text can tell. `path` is absolute.
std::string CleanPath(std::string_view path);

}  // namespace weir
