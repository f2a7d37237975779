#include "tables/xattrs.h"

#include <sys/xattr.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

namespace weir::tables {

namespace {

constexpr size_t kMost = 64 << 10;  // XATTR_LIST_MAX and XATTR_SIZE_MAX

}  // namespace

int ReadXattrs(const std::string& path, std::string* records) {
  std::vector<char> names(kMost);
  const ssize_t size = listxattr(path.c_str(), names.data(), names.size());
  if (size < 0) return errno == ENOTSUP ? 0 : -errno;
  std::vector<char> value(kMost);
  for (const char* name = names.data(); name < names.data() + size; name += strlen(name) + 1) {
    const ssize_t length = getxattr(path.c_str(), name, value.data(), value.size());
    if (length < 0) continue;  // taken away since, or not for us
    const auto length32 = static_cast<uint32_t>(length);
    records->append(name, strlen(name) + 1);
    records->append(reinterpret_cast<const char*>(&length32), sizeof length32);
    records->append(value.data(), length32);
  }
  return 0;
}

}  // namespace weir::tables
