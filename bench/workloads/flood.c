// SPDX-License-Identifier: Apache-2.0
// flood COUNT FOLDER: makes COUNT files below FOLDER, prints a line, waits for a line; then opens
// each once for writing and closes it, as fast as it can, and prints how long that took. It ends
// when its standard input does, so that nothing is deleted while anybody counts.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { kFilesPerFolder = 1000 };

static void Name(char* name, size_t size, int i) {
  snprintf(name, size, "%d/%d", i / kFilesPerFolder, i % kFilesPerFolder);
}

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void Each(int count, int flags) {
  char name[32];
  for (int i = 0; i < count; i++) {
    Name(name, sizeof(name), i);
    const int fd = open(name, flags, 0600);
    if (fd < 0 || close(fd) < 0) {
      perror(name);
      exit(1);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 3 || chdir(argv[2]) < 0) return 64;
  const int count = atoi(argv[1]);
  for (int i = 0; i * kFilesPerFolder < count; i++) {
    char name[32];
    snprintf(name, sizeof(name), "%d", i);
    if (mkdir(name, 0700) < 0) {
      perror(name);
      return 1;
    }
  }
  Each(count, O_CREAT | O_WRONLY);
  printf("prepared\n");
  fflush(stdout);
  if (getchar() == EOF) return 1;

  const double begin = Now();
  Each(count, O_WRONLY);
  const double seconds = Now() - begin;
  printf("{\"opens\": %d, \"closes\": %d, \"seconds\": %.6f}\n", count, count, seconds);
  fflush(stdout);
  while (getchar() != EOF) continue;
  return 0;
}
