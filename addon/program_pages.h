// Which pages of the running program can be let go of without losing what was written to them.
#pragma once

#include <istream>
#include <string_view>
#include <vector>

namespace weir {

struct PageRange {
  unsigned long from;
  unsigned long to;
};

// Mappings of `program` in the text of /proc/PID/smaps that are not writable and hold nothing of
// their own, neither in memory nor swapped out: the loader relocates pages that it makes read-only
// afterwards, and those would come back unrelocated.
std::vector<PageRange> UnwrittenPages(std::istream& smaps, std::string_view program);

}  // namespace weir
