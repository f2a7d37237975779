// Opening files of another root (a container's) without being led out of it.
#pragma once

#include <string>

namespace weir::tables {

// A file descriptor, or minus the errno. `root` is trusted, `path` and every link on its way are
// not: absolute links begin at `root`, ".." stops there. openat2, Linux 5.6.
int OpenIn(const std::string& root, const std::string& path, int flags);

}  // namespace weir::tables
