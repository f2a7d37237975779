// SPDX-License-Identifier: Apache-2.0
// What makes files hard to name, below the folder in argv[1], in a mount namespace of its own. Each
// case works in a folder of its name. Prints inodes and pids as JSON. argv[2]: milliseconds to rest
// after each step.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LONG_NAME 250
#define LONG_DEPTH 20

static int rest_ms;

static void rest(void) { usleep(rest_ms * 1000); }

static int check(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  rest();
  return result;
}

static void enter(const char *top, const char *name) {
  check(chdir(top), top);
  check(mkdir(name, 0700), name);
  check(chdir(name), name);
}

static void put(const char *name, int flags) {
  int fd = check(open(name, O_WRONLY | flags, 0600), name);

  check(write(fd, "weir", 4), "write");
  close(fd);
  rest();
}

static unsigned long inode(const char *name) {
  struct stat facts;

  check(stat(name, &facts), name);
  return facts.st_ino;
}

// A file without a name gets one, in the two ways that there are.
static void named_later(void) {
  char path[64];
  int fd = check(open(".", O_TMPFILE | O_WRONLY, 0600), "O_TMPFILE");

  snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
  check(linkat(AT_FDCWD, path, AT_FDCWD, "by-proc", AT_SYMLINK_FOLLOW), "linkat");
  check(linkat(fd, "", AT_FDCWD, "by-descriptor", AT_EMPTY_PATH), "linkat");
  close(fd);
  printf("\"tmpfile\": %lu, ", inode("by-proc"));
}

static void hard_links(void) {
  put("one", O_CREAT);
  check(link("one", "two"), "link");
  put("two", 0);
  printf("\"hard_link\": %lu, ", inode("one"));
}

static void deleted(void) {
  int fd = check(open("gone", O_CREAT | O_WRONLY, 0600), "gone");

  check(unlink("gone"), "unlink");
  check(write(fd, "weir", 4), "write");
  check(fchmod(fd, 0640), "fchmod");
  close(fd);
}

static void exchanged(void) {
  put("left", O_CREAT);
  put("right", O_CREAT);
  check(renameat2(AT_FDCWD, "left", AT_FDCWD, "right", RENAME_EXCHANGE), "exchange");
}

static void mapped(void) {
  int fd = check(open("file", O_CREAT | O_RDWR, 0600), "file"), memory;
  const int both = PROT_READ | PROT_WRITE;

  check(ftruncate(fd, 4096), "ftruncate");
  // Private, read-only, anonymous, and of a file without a name: nothing that others would see.
  if (mmap(NULL, 4096, both, MAP_PRIVATE, fd, 0) == MAP_FAILED) exit(1);
  if (mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) exit(1);
  if (mmap(NULL, 4096, both, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) exit(1);
  memory = check(memfd_create("weir-memory", 0), "memfd_create");
  check(ftruncate(memory, 4096), "ftruncate");
  if (mmap(NULL, 4096, both, MAP_SHARED, memory, 0) == MAP_FAILED) exit(1);
  if (mmap(NULL, 4096, both, MAP_SHARED, fd, 0) == MAP_FAILED) exit(1);
}

// By name, by descriptor, and taken away; user attributes are not for every file system.
static void attributes(void) {
  int fd = check(open("file", O_CREAT | O_WRONLY, 0600), "file");
  bool can = setxattr("file", "trusted.weir", "1", 1, 0) == 0;

  printf("\"attributes\": %d, ", can);
  rest();
  if (can) {
    check(fsetxattr(fd, "trusted.other", "1", 1, 0), "fsetxattr");
    if (setxattr("file", "trusted.weir", "2", 1, XATTR_CREATE) == 0) exit(1);
    check(removexattr("file", "trusted.weir"), "removexattr");
  }
  close(fd);
}

// Nothing happened, so there is nothing to report.
static void failed(void) {
  put("one", O_CREAT);
  put("two", O_CREAT);
  if (renameat2(AT_FDCWD, "one", AT_FDCWD, "two", RENAME_NOREPLACE) == 0 || errno != EEXIST)
    exit(1);
  if (unlink("none") == 0 || mkdir("one", 0700) == 0 || link("one", "two") == 0) exit(1);
  if (open("one", O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0) exit(1);
}

static void overlay(const char *top) {
  char options[3 * 4096];

  check(mkdir("lower", 0700), "lower");
  check(mkdir("upper", 0700), "upper");
  check(mkdir("work", 0700), "work");
  check(mkdir("merged", 0700), "merged");
  put("lower/old", O_CREAT);
  snprintf(options, sizeof(options),
           "lowerdir=%s/overlay/lower,upperdir=%s/overlay/upper,workdir=%s/overlay/work", top, top,
           top);
  check(mount("overlay", "merged", "overlay", 0, options), "overlay");
  put("merged/new", O_CREAT);
  put("merged/old", 0);
  check(rename("merged/old", "merged/moved"), "rename");
  check(link("merged/new", "merged/other"), "link");
  check(mkdir("merged/folder", 0700), "mkdir");
  check(unlink("merged/moved"), "unlink");
  check(umount2("merged", MNT_DETACH), "umount");
}

static void bind(void) {
  check(mkdir("real", 0700), "real");
  check(mkdir("bound", 0700), "bound");
  check(mount("real", "bound", NULL, MS_BIND, NULL), "bind");
  put("bound/file", O_CREAT);
  put("real/file", 0);
  check(unlink("bound/file"), "unlink");
}

// Inside, both are called /inside.
static void jail(void) {
  int status;
  pid_t pid = fork();

  if (pid == 0) {
    check(chroot("."), "chroot");
    check(chdir("/"), "chdir");
    put("/inside", O_CREAT);
    check(rename("/inside", "/moved"), "rename");
    check(unlink("moved"), "unlink");
    _exit(0);
  }
  if (waitpid(pid, &status, 0) != pid || status != 0) exit(1);
  printf("\"jail\": %d, ", pid);
}

// Longer than any path that a call takes at once.
static void deep(void) {
  char name[LONG_NAME + 1];

  memset(name, 'd', LONG_NAME);
  name[LONG_NAME] = '\0';
  for (int i = 0; i < LONG_DEPTH; i++) {
    check(mkdir(name, 0700), "mkdir");
    check(chdir(name), "chdir");
  }
  put("bottom", O_CREAT);
  check(unlink("bottom"), "unlink");
}

int main(int argc, char **argv) {
  struct stat facts;

  if (argc < 2 || argc > 3) return 64;
  if (argc == 3) rest_ms = atoi(argv[2]);
  check(unshare(CLONE_NEWNS), "unshare");
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
  setvbuf(stdout, NULL, _IONBF, 0);
  check(stat("/proc/self/ns/mnt", &facts), "namespace");
  printf("{\"mnt_ns\": %lu, ", (unsigned long)facts.st_ino);
  check(stat(argv[1], &facts), argv[1]);
  printf("\"dev\": %lu, ", (unsigned long)facts.st_dev);
  enter(argv[1], "tmpfile");
  named_later();
  enter(argv[1], "hard");
  hard_links();
  enter(argv[1], "deleted");
  deleted();
  enter(argv[1], "exchange");
  exchanged();
  enter(argv[1], "mapped");
  mapped();
  enter(argv[1], "attributes");
  attributes();
  enter(argv[1], "failed");
  failed();
  enter(argv[1], "overlay");
  overlay(argv[1]);
  enter(argv[1], "bind");
  bind();
  enter(argv[1], "jail");
  jail();
  enter(argv[1], "deep");
  deep();
  printf("\"pid\": %d}\n", getpid());
  return 0;
}
