#include "store/set_aside.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>

namespace weir::store {

namespace {

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string FreeName(const std::string& path) {
  const time_t now = time(nullptr);
  tm utc;
  gmtime_r(&now, &utc);
  char stamp[32];
  strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
  const std::string base = path + ".corrupt-" + stamp;
  std::string name = base;
  for (int i = 1; Exists(name); ++i) name = base + "-" + std::to_string(i);
  return name;
}

}  // namespace

std::string SetAside(const std::string& path) {
  const std::string aside = FreeName(path);
  // First the log: without the database it is never applied to another one.
  if (rename((path + "-wal").c_str(), (aside + "-wal").c_str()) != 0 && errno != ENOENT) return {};
  if (rename(path.c_str(), aside.c_str()) != 0) {
    const int reason = errno;
    rename((aside + "-wal").c_str(), (path + "-wal").c_str());
    errno = reason;
    return {};
  }
  unlink((path + "-shm").c_str());
  unlink((path + "-damaged").c_str());
  return aside;
}

}  // namespace weir::store
