// SQLite's way to files that are open already. The path of a database that belongs to somebody else
// must not be opened twice: between the check and SQLite's own open it may have become a pipe,
// which would be waited for, or a link to what its owner may not read.
#pragma once

#include <string>

namespace weir::tables {

inline constexpr char kDescriptorVfs[] = "weir-descriptor";

// Makes it known to SQLite, once; false: it cannot be had. Files are only read, without locks.
bool RegisterDescriptorVfs();

// What to open: a database, and its log of changes (-1: none). Both stay the caller's, and must
// stay open as long as the connection.
std::string DescriptorName(int file, int log);

}  // namespace weir::tables
