#include "sensor/netlink/mounts.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

namespace weir {

namespace {

constexpr std::string_view kNoFiles[] = {
    "proc",       "sysfs",   "cgroup",     "cgroup2",  "devpts",      "debugfs",   "tracefs",
    "securityfs", "bpf",     "pstore",     "efivarfs", "mqueue",      "hugetlbfs", "configfs",
    "autofs",     "fusectl", "rpc_pipefs", "nsfs",     "binfmt_misc", "selinuxfs", "resctrl",
};
constexpr std::string_view kRemote[] = {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "afs", "fuse"};

bool Watched(std::string_view type) {
  if (std::ranges::find(kNoFiles, type) != std::end(kNoFiles)) return false;
  if (type.starts_with("fuse.")) return false;
  return std::ranges::find(kRemote, type) == std::end(kRemote);
}

// mountinfo writes space, tab, newline and backslash as octal.
std::string Unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        sscanf(text.c_str() + i + 1, "%3o", &value) == 1) {
      out.push_back(static_cast<char>(value));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace

std::vector<Mount> ReadMounts(const std::string& mountinfo, const std::string& root) {
  std::vector<Mount> mounts;
  std::vector<bool> whole;
  std::ifstream file(mountinfo);
  std::string line;
  while (std::getline(file, line)) {
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    std::istringstream head(line.substr(0, dash));
    std::string id, parent, device, inside, point, type;
    head >> id >> parent >> device >> inside >> point;
    std::istringstream(line.substr(dash + 3)) >> type;
    unsigned major = 0;
    unsigned minor = 0;
    if (sscanf(device.c_str(), "%u:%u", &major, &minor) != 2 || !Watched(type)) continue;
    const Mount mount = {uint64_t{major} << 20 | minor, root + Unescape(point), type};
    const auto same = std::ranges::find(mounts, mount.device, &Mount::device);
    if (same == mounts.end()) {
      mounts.push_back(mount);
      whole.push_back(inside == "/");
    } else if (const size_t at = static_cast<size_t>(same - mounts.begin());
               !whole[at] && inside == "/") {
      *same = mount;
      whole[at] = true;
    }
  }
  return mounts;
}

}  // namespace weir
