// Extended attributes of files, which Node has no calls for.
#pragma once

#include <string>

namespace weir::tables {

// Appends for each attribute of what `path` leads to: its name, a zero byte, the length of its
// value as 32-bit number of this machine, the value. 0, or minus the errno.
int ReadXattrs(const std::string& path, std::string* records);

}  // namespace weir::tables
