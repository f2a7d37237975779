// SPDX-License-Identifier: Apache-2.0
// Behaves badly in a tree of files that it was given, or against ports of the loopback interface:
//
//   behave KIND FOLDER FIRST COUNT   files FOLDER/dN/fN.txt, 25 in each folder
//   behave KIND COUNT                connections, programs
//
// As a process group of its own, so that it is one tree. Says how many it did.
#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "say.h"

#define PATH_SIZE 4200
#define PIECE 256

static const char *folder;

static void name_of(char *path, int i, const char *extension) {
  snprintf(path, PATH_SIZE, "%s/d%d/f%d.txt%s", folder, i / 25, i, extension);
}

static void scramble(char *bytes, ssize_t size) {
  for (ssize_t i = 0; i < size; i++) bytes[i] ^= 0x5a;
}

static int opened(const char *path, int flags) {
  int fd = open(path, flags, 0600);

  if (fd < 0) fail(path);
  return fd;
}

// In place.
static void rewrite(const char *path) {
  char piece[PIECE];
  int fd = opened(path, O_RDWR);
  ssize_t size = read(fd, piece, sizeof piece);

  scramble(piece, size);
  if (pwrite(fd, piece, size, 0) != size) fail("pwrite");
  close(fd);
}

// Reads one, writes another; `flags` beside O_WRONLY.
static void copy(const char *path, const char *to, int flags) {
  char piece[PIECE];
  int from = opened(path, O_RDONLY), fd;
  ssize_t size = read(from, piece, sizeof piece);

  close(from);
  scramble(piece, size);
  fd = opened(to, O_WRONLY | flags);
  if (write(fd, piece, size) != size) fail("write");
  close(fd);
}

static void renamed(const char *path, const char *to) {
  if (rename(path, to)) fail("rename");
}

static void one_file(const char *kind, int i) {
  char path[PATH_SIZE], to[PATH_SIZE];

  name_of(path, i, "");
  name_of(to, i, ".locked");
  if (!strcmp(kind, "in_place")) {
    rewrite(path);
    renamed(path, to);
  } else if (!strcmp(kind, "copy")) {
    copy(path, to, O_CREAT | O_EXCL);
    if (unlink(path)) fail("unlink");
  } else if (!strcmp(kind, "rename_first")) {
    renamed(path, to);
    rewrite(to);
  } else if (!strcmp(kind, "rename")) {
    renamed(path, to);
  } else if (!strcmp(kind, "delete")) {
    if (unlink(path)) fail("unlink");
  } else if (!strcmp(kind, "rewrite")) {
    copy(path, path, O_TRUNC);
  } else if (!strcmp(kind, "replace")) {
    // As editors and package managers: a new file takes the place of the old one.
    name_of(to, i, ".new");
    copy(path, to, O_CREAT | O_EXCL);
    renamed(to, path);
  } else {
    exit(64);
  }
}

static void connect_to(uint32_t address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  to.sin_addr.s_addr = htonl(address);
  // Nobody listens: that it is refused is fine.
  connect(fd, (struct sockaddr *)&to, sizeof to);
  close(fd);
}

static void one_program(void) {
  pid_t pid = fork();

  if (pid < 0) fail("fork");
  if (pid == 0) {
    execl("/proc/self/exe", "behave", NOTHING, NULL);
    _exit(127);
  }
  waitpid(pid, NULL, 0);
}

static void sleeper(void) {
  for (;;) pause();
}

// A process and its child, which has a group of its own and a child in turn; all wait for signals.
// The first one makes a file when all are there.
static void family(const char *file) {
  int ready[2];
  char byte = 0;

  if (pipe(ready)) fail("pipe");
  if (fork() == 0) {
    setpgid(0, 0);
    pid_t grandchild = fork();
    if (grandchild == 0) sleeper();
    say("family", "\"pid\": %d", grandchild);
    say("family", "\"pid\": %d", getpid());
    if (write(ready[1], &byte, 1) != 1) fail("write");
    sleeper();
  }
  if (read(ready[0], &byte, 1) != 1) fail("read");
  say("family", "\"pid\": %d", getpid());
  close(opened(file, O_CREAT | O_WRONLY));
  sleeper();
}

int main(int argc, char **argv) {
  int count;

  if (argc == 2 && !strcmp(argv[1], NOTHING)) return 0;
  setpgid(0, 0);
  if (argc == 3 && !strcmp(argv[1], "family")) family(argv[2]);
  if (argc == 5) {
    folder = argv[2];
    if (!strcmp(argv[1], "with_child")) {
      pid_t child = fork();
      if (child == 0) sleeper();
      say("child", "\"pid\": %d", child);
      argv[1] = "in_place";
    }
    count = atoi(argv[4]);
    for (int i = atoi(argv[3]); i < atoi(argv[3]) + count; i++) one_file(argv[1], i);
  } else if (argc == 3) {
    count = atoi(argv[2]);
    for (int i = 0; i < count; i++) {
      if (!strcmp(argv[1], "ports")) connect_to(INADDR_LOOPBACK, 1 + i);
      if (!strcmp(argv[1], "addresses")) connect_to(INADDR_LOOPBACK + i, 1);
      if (!strcmp(argv[1], "execs")) one_program();
    }
  } else {
    return 64;
  }
  say("done", "\"count\": %d", count);
  return 0;
}
