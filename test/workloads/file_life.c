// SPDX-License-Identifier: Apache-2.0
// The life of a few files below the folder in argv[1], one system call at a time. Prints how many
// operations it made. argv[2]: milliseconds to rest after each.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int operations;
static int rest_ms;

static void ok(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  operations++;
  usleep(rest_ms * 1000);
}

int main(int argc, char **argv) {
  int fd;

  if (argc < 2 || argc > 3 || chdir(argv[1]) < 0) return 64;
  if (argc == 3) rest_ms = atoi(argv[2]);

  ok(fd = open("first", O_CREAT | O_EXCL | O_WRONLY, 0600), "create");
  if (write(fd, "weir\n", 5) != 5) return 1;
  ok(close(fd), "close");
  ok(fd = open("first", O_RDWR), "open");
  ok(close(fd), "close");
  ok(rename("first", "second"), "rename");
  ok(link("second", "third"), "link");
  ok(symlink("second", "pointer"), "symlink");
  ok(chmod("second", 0640), "chmod");
  ok(chown("second", 1, 1), "chown");
  ok(truncate("second", 2), "truncate");
  ok(mkdir("folder", 0700), "mkdir");
  ok(rename("third", "folder/third"), "rename");
  ok(unlink("folder/third"), "unlink");
  ok(unlink("pointer"), "unlink");
  ok(unlink("second"), "unlink");
  ok(rmdir("folder"), "rmdir");
  printf("{\"operations\": %d}\n", operations);
  return 0;
}
