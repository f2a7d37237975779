// Of a folder with many files the few that a table looks for, without a word to JavaScript about
// the others.
#pragma once

#include <cstdint>
#include <string>

namespace weir::tables {

// Reads on in an open folder and appends a record for each folder in it ('d'), each regular file
// whose mode has one of `bits` ('f') and each link ('l'): that letter, mode, uid and gid as 32-bit
// numbers of this machine (of folders and links 0), the name, a zero byte. `follow`: instead of
// links the files that they lead to. 1: there may be more; 0: that was all; minus the errno.
int MarkedEntries(int folder, uint32_t bits, bool follow, std::string* records);

}  // namespace weir::tables
