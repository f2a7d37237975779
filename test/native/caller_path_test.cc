#include "sensor/caller_path.h"

#include "check.h"

using namespace std::string_literals;
using namespace weir;

TEST(CleanPaths, "a path is cleaned of dots and double slashes, and never climbs out of the root") {
  EQUAL(CleanPath("/a/b"), "/a/b");
  EQUAL(CleanPath("/a/./b//c/"), "/a/b/c");
  EQUAL(CleanPath("/a/../../etc/passwd"), "/etc/passwd");
  EQUAL(CleanPath("/.."), "/");
  EQUAL(CleanPath("/...//..x/.y"), "/.../..x/.y");
  EQUAL(CleanPath("/a\n\xff/../b\xfe"), "/b\xfe");
}

TEST(CallerPaths, "without a process to ask, the text alone decides") {
  CallerPath paths;
  // No process has pid 0, no namespace the inode 1.
  EQUAL(std::string(paths.Resolve("/no/../such/file", 0, 1, 1)), "/such/file");
  EQUAL(std::string(paths.Resolve("/file/", 0, 1, 1)), "/file");
  EQUAL(std::string(paths.Resolve("/a/b/..", 0, 1, 1)), "/a");
  EQUAL(std::string(paths.Resolve("tail/of/../a/path", 0, 1, 1)), "tail/of/../a/path");
  EQUAL(std::string(paths.Resolve("", 0, 1, 1)), "");
}
