// A database that cannot be used any more is renamed, with its log: its bytes may still help
// somebody.
#pragma once

#include <string>

namespace weir::store {

// Renames the database to PATH.corrupt-TIME, its log likewise, and removes what is of no use
// without it. Nobody writes to it. Returns the new name; empty, with errno, when it stays where it
// is.
std::string SetAside(const std::string& path);

}  // namespace weir::store
