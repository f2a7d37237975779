// SPDX-License-Identifier: Apache-2.0
// One thread opens argv[2] files for writing below the folder in argv[1]; another closes whatever
// descriptor comes up, or puts /dev/null or a decoy there. Each open must be a row all the same.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int done;
static int target, decoy;

static void *disturb(void *unused) {
  (void)unused;
  while (!done) {
    close(target);
    dup2(decoy, target);
    close(target);
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t thread;
  char name[64];
  int opened = 0;

  if (argc != 3 || chdir(argv[1]) < 0) return 64;
  decoy = open("decoy", O_CREAT | O_RDWR, 0600);
  target = dup(decoy);
  close(target);
  if (pthread_create(&thread, NULL, disturb, NULL) != 0) return 1;
  for (int i = 0; i < atoi(argv[2]); i++) {
    snprintf(name, sizeof(name), "raced-%d", i);
    if (open(name, O_CREAT | O_EXCL | O_WRONLY, 0600) >= 0) opened++;
  }
  done = 1;
  pthread_join(thread, NULL);
  printf("{\"pid\": %d, \"opened\": %d}\n", getpid(), opened);
  return 0;
}
