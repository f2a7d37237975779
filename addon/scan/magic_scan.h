// What kind of file it is, by libmagic.
#pragma once

#include <string>

namespace weir::scan {

struct FileKind {
  std::string data;
  std::string mime_type;
  std::string mime_encoding;
  std::string error;  // "" when it worked
};

// The file behind a descriptor, from its present position on. `databases`: colon-separated, "" for
// the system's.
FileKind KindOf(int fd, const std::string& databases);

}  // namespace weir::scan
