#include "program_pages.h"

#include <cstdio>
#include <string>

namespace weir {

std::vector<PageRange> UnwrittenPages(std::istream& smaps, std::string_view program) {
  std::vector<PageRange> ranges;
  bool open = false;  // the last of them has not been refused yet
  for (std::string line; std::getline(smaps, line);) {
    unsigned long from, to, kilobytes;
    char mode[5];
    if (sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, mode) == 3) {
      open = line.ends_with(program) && mode[1] == '-';
      if (open) ranges.push_back({from, to});
    } else if (open && (sscanf(line.c_str(), "Anonymous: %lu", &kilobytes) == 1 ||
                        sscanf(line.c_str(), "Swap: %lu", &kilobytes) == 1)) {
      if (kilobytes == 0) continue;
      ranges.pop_back();
      open = false;
    }
  }
  return ranges;
}

}  // namespace weir
