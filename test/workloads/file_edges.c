// SPDX-License-Identifier: Apache-2.0
// What path reading stumbles over, below the folder in argv[1]: an exchange, a file without a name,
// a deep path, odd bytes in a name, output shared by two descriptors, files left open at the end.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH 200

static int check(int result, const char *what) {
  if (result >= 0) return result;
  perror(what);
  exit(1);
}

static void make(const char *name) { close(check(open(name, O_CREAT | O_WRONLY, 0600), name)); }

int main(int argc, char **argv) {
  int here;

  if (argc != 2) return 64;
  check(chdir(argv[1]), "chdir");
  here = check(open(".", O_RDONLY | O_DIRECTORY), "open");

  make("left");
  make("right");
  check(syscall(SYS_renameat2, here, "left", here, "right", 2 /* RENAME_EXCHANGE */), "exchange");
  check(unlink("left"), "unlink");
  check(unlink("right"), "unlink");

  make("new\nline \"and\" \377");
  check(unlink("new\nline \"and\" \377"), "unlink");

  close(check(open(".", O_TMPFILE | O_RDWR, 0600), "O_TMPFILE"));
  close(check(open("/dev/null", O_WRONLY), "/dev/null"));  // no event

  for (int i = 0; i < DEPTH; i++) {
    check(mkdir("d", 0700), "mkdir");
    check(chdir("d"), "chdir");
  }
  make("deep");
  check(unlink("deep"), "unlink");
  for (int i = 0; i < DEPTH; i++) {
    check(chdir(".."), "chdir");
    check(rmdir("d"), "rmdir");
  }

  printf("{\"pid\": %d, \"depth\": %d}\n", getpid(), DEPTH);
  fflush(stdout);
  check(open("unclosed", O_CREAT | O_WRONLY, 0600), "unclosed");
  check(dup2(check(open("output", O_CREAT | O_WRONLY, 0600), "output"), 1), "dup2");
  check(dup2(1, 2), "dup2");
  return 0;
}
