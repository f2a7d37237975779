#include "program_pages.h"

#include <sstream>
#include <string>

#include "check.h"

using namespace weir;

namespace {

std::string Mapping(const char* range, const char* mode, const char* file, int anonymous,
                    int swapped) {
  std::ostringstream text;
  text << range << ' ' << mode << " 00000000 fe:00 4711                    " << file << '\n'
       << "Size:                128 kB\nRss:                  64 kB\nAnonymous:            "
       << anonymous << " kB\nAnonHugePages:         0 kB\nSwap:                 " << swapped
       << " kB\nSwapPss:               0 kB\nVmFlags: rd mr mw me ac \n";
  return text.str();
}

}  // namespace

TEST(ProgramPages, "only pages of the program that nobody wrote to are let go of") {
  std::istringstream smaps(Mapping("400000-500000", "r-xp", "/bin/program", 0, 0) +
                           Mapping("500000-600000", "r--p", "/bin/program", 8, 0) +
                           Mapping("600000-700000", "r--p", "/bin/program", 0, 0) +
                           Mapping("700000-800000", "rw-p", "/bin/program", 0, 0) +
                           Mapping("800000-900000", "r-xp", "/lib/other", 0, 0));
  const auto ranges = UnwrittenPages(smaps, "/bin/program");
  EQUAL(ranges.size(), 2u);
  EQUAL(ranges[0].from, 0x400000ul);
  EQUAL(ranges[0].to, 0x500000ul);
  EQUAL(ranges[1].from, 0x600000ul);
}

TEST(ProgramPagesSwapped, "relocated pages that are swapped out are not let go of") {
  std::istringstream smaps(Mapping("500000-600000", "r--p", "/bin/program", 0, 8));
  EQUAL(UnwrittenPages(smaps, "/bin/program").size(), 0u);
}
