#include "sensor/proc_file.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <string_view>

namespace weir {

std::string ReadProcFile(const std::string& path, size_t limit) {
  std::string content;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return content;
  content.resize(limit);
  size_t size = 0;
  while (size < limit) {
    const ssize_t got = read(fd, content.data() + size, limit - size);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  close(fd);
  content.resize(size);
  return content;
}

std::string ReadProcLink(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = readlink(path.c_str(), target, sizeof target);
  if (size <= 0) return {};
  std::string text(target, static_cast<size_t>(size));
  constexpr std::string_view kDeleted = " (deleted)";
  if (text.ends_with(kDeleted)) text.resize(text.size() - kDeleted.size());
  return text;
}

}  // namespace weir
