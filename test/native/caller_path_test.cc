#include "sensor/caller_path.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/caches.h"
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

TEST(CallersProc, "a look-up through /proc/self is the caller's, not this process's") {
  struct stat facts;
  TRUE(stat("/proc/self/ns/mnt", &facts) == 0);
  const auto own = static_cast<uint32_t>(facts.st_ino);
  CallerPath paths;
  EQUAL(std::string(paths.Resolve("/proc/self/fd/0", 12345, own, 1)), "/proc/12345/fd/0");
  // The folder is remembered; whose it is not.
  EQUAL(std::string(paths.Resolve("/proc/self/fd/0", 54321, own, 1)), "/proc/54321/fd/0");
  EQUAL(std::string(paths.Resolve("/proc/self/../sys/x", 12345, own, 1)), "/proc/sys/x");
}

TEST(CallersLinks, "roots, working folders and descriptors of a process lead where they lead") {
  struct stat facts;
  TRUE(stat("/proc/self/ns/mnt", &facts) == 0);
  const auto own = static_cast<uint32_t>(facts.st_ino);
  char folder[] = "/tmp/weir-links-XXXXXX";
  TRUE(mkdtemp(folder) != nullptr);
  const std::string real = folder;
  TRUE(mkdir((real + "/inner").c_str(), 0700) == 0);
  int ready[2];
  TRUE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool there = chdir(folder) == 0 && dup2(open("inner", O_PATH), 77) == 77;
    if (write(ready[1], there ? "y" : "n", 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  TRUE(read(ready[0], &answer, 1) == 1 && answer == 'y');
  const std::string number = std::to_string(child);
  CallerPath paths;
  uint64_t now = 0;
  const auto resolve = [&](const std::string& path, uint32_t mnt_ns) {
    now += 1'000'000'000;
    return std::string(paths.Resolve(path, static_cast<uint32_t>(child), mnt_ns, now));
  };
  EQUAL(resolve("/proc/self/cwd/x", own), real + "/x");
  EQUAL(resolve("/proc/self/cwd/inner/../x", own), real + "/x");
  EQUAL(resolve("/proc/" + number + "/cwd/inner/x", own), real + "/inner/x");
  EQUAL(resolve("/proc/thread-self/fd/77/x", own), real + "/inner/x");
  EQUAL(resolve("/dev/fd/77/../x", own), real + "/x");
  EQUAL(resolve("/proc/self/root/etc/x", own), "/etc/x");
  EQUAL(resolve("/proc/self/root/x", own), "/x");
  // The link itself, and what is none.
  EQUAL(resolve("/proc/self/cwd", own), "/proc/" + number + "/cwd");
  EQUAL(resolve("/proc/self/fdinfo/77", own), "/proc/" + number + "/fdinfo/77");
  EQUAL(resolve("/proc/selfish/cwd/x", own), "/proc/selfish/cwd/x");
  // A number that somebody of another mount namespace wrote may be anybody's.
  EQUAL(resolve("/proc/" + number + "/cwd/x", 1), "/proc/" + number + "/cwd/x");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EQUAL(resolve("/proc/self/root/etc/x", own), "/etc/x");
  EQUAL(resolve("/proc/self/cwd/x", own), "/proc/" + number + "/cwd/x");
  rmdir((real + "/inner").c_str());
  rmdir(folder);
}

// Makes one root after the other, each with the one before at /old. Never returns.
[[noreturn]] static void ChangeRoots(int times) {
  if (unshare(CLONE_NEWNS) != 0) _exit(1);
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(2);
  for (int i = 0; i < times; ++i) {
    mkdir("/tmp", 0755);
    if (mount("weir-test", "/tmp", "tmpfs", 0, nullptr) != 0) _exit(3);
    if (mkdir("/tmp/old", 0755) != 0) _exit(4);
    if (syscall(SYS_pivot_root, "/tmp", "/tmp/old") != 0 || chdir("/") != 0) _exit(5);
    usleep(200);
  }
  _exit(0);
}

TEST(CallersNewRoot, "a folder has no name of a root that its caller came to after the look-up") {
  const pid_t child = fork();
  if (child == 0) ChangeRoots(400);
  CallerPath paths;
  int status = -1;
  for (uint64_t now = 1; waitpid(child, &status, WNOHANG) == 0; now += 1'000'000'000) {
    EQUAL(std::string(paths.Resolve("/old/file", static_cast<uint32_t>(child), 1, now)),
          "/old/file");
  }
  EQUAL(status, 0);
}

TEST(CallerPathBytes, "folders that are remembered keep to their bytes, whatever callers write") {
  CallerPath paths;
  CacheState& state = TheCache(Cache::kFolders);
  const int64_t before = state.evicted;
  for (int i = 0; i < 5000; ++i) {
    const std::string folder = "/" + std::to_string(i % 3000) + std::string(i % 2 ? 4000 : 9, 'x');
    EQUAL(std::string(paths.Resolve(folder + "/file", 0, 1, i)), folder + "/file");
    TRUE(paths.bytes() <= CallerPath::max_bytes());
  }
  TRUE(paths.bytes() > 100'000);
  TRUE(state.evicted > before);
  EQUAL(state.bytes.load(), static_cast<int64_t>(paths.bytes()));
}
