#include "scan/magic_scan.h"

#include <magic.h>
#include <unistd.h>

#include <memory>

namespace weir::scan {

namespace {

struct Closer {
  void operator()(magic_t cookie) const { magic_close(cookie); }
};
using Cookie = std::unique_ptr<magic_set, Closer>;

// Loading the database takes milliseconds and megabytes: each thread keeps its last one.
struct Loaded {
  Cookie cookie;
  std::string databases;
};
thread_local Loaded loaded;

std::string Ask(magic_t cookie, int flags, int fd) {
  magic_setflags(cookie, flags);
  lseek(fd, 0, SEEK_SET);
  const char* text = magic_descriptor(cookie, fd);
  return text ? text : "";
}

}  // namespace

FileKind KindOf(int fd, const std::string& databases) {
  FileKind kind;
  if (!loaded.cookie || loaded.databases != databases) {
    loaded.cookie.reset(magic_open(MAGIC_NONE));
    loaded.databases = databases;
    if (!loaded.cookie) {
      kind.error = "libmagic cannot be used";
      return kind;
    }
    if (magic_load(loaded.cookie.get(), databases.empty() ? nullptr : databases.c_str()) != 0) {
      const char* why = magic_error(loaded.cookie.get());
      kind.error = why ? why : "its database cannot be loaded";
      loaded.cookie.reset();
      return kind;
    }
  }
  magic_t cookie = loaded.cookie.get();
  kind.data = Ask(cookie, MAGIC_NONE, fd);
  kind.mime_type = Ask(cookie, MAGIC_MIME_TYPE, fd);
  kind.mime_encoding = Ask(cookie, MAGIC_MIME_ENCODING, fd);
  return kind;
}

}  // namespace weir::scan
