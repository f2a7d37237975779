// SPDX-License-Identifier: Apache-2.0
// argv[1] children, each with a thread that keeps exchanging the name of the program and its
// argument in memory while the child executes it. What ran is known by its exit status: the pids
// are printed with it as JSON, [[pid, 0 for /bin/true or 1 for /bin/false], ...].
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[16], argument[16];

static void put(const char *program, const char *text) {
  memcpy(name, program, 11);
  memcpy(argument, text, 6);
  __asm__ volatile("" ::: "memory");  // or only the last of all writes would be left
}

static void *exchange(void *unused) {
  (void)unused;
  for (;;) {
    put("/bin/true\0", "first");
    put("/bin/false", "other");
  }
  return NULL;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("[");
  for (int i = 0; argc == 2 && i < atoi(argv[1]); i++) {
    pid_t pid = fork();
    int status;

    if (pid == 0) {
      pthread_t thread;

      strcpy(name, "/bin/true");
      if (pthread_create(&thread, NULL, exchange, NULL) != 0) _exit(3);
      usleep(500);
      for (;;) execl(name, name, argument, NULL);  // a name caught half way does not exist
    }
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) > 1) return 1;
    printf("%s[%d, %d]", i ? ", " : "", pid, WEXITSTATUS(status));
  }
  printf("]\n");
  return 0;
}
