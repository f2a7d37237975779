// SPDX-License-Identifier: Apache-2.0
// Ways to start a program: argv[1] is a folder for a script. Each starts /bin/true once, waits for
// it, and prints its pid as JSON: plain, by descriptor, by a thread, by a script, with long argv.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_ARGUMENT 60000

extern char **environ;
static char script[4096];

static void plain(void) { execl("/bin/true", "true", "plain", NULL); }

static void by_descriptor(void) {
  char *arguments[] = {"true", "descriptor", NULL};

  syscall(SYS_execveat, open("/bin/true", O_PATH), "", arguments, environ, AT_EMPTY_PATH);
}

static void *start(void *unused) {
  (void)unused;
  execl("/bin/true", "true", "thread", NULL);
  return NULL;
}

static void by_thread(void) {
  pthread_t thread;

  if (pthread_create(&thread, NULL, start, NULL) == 0) pthread_join(thread, NULL);
}

static void by_script(void) { execl(script, script, "script", NULL); }

static void with_long_argument(void) {
  static char argument[LONG_ARGUMENT + 1];

  memset(argument, 'x', LONG_ARGUMENT);
  execl("/bin/true", "true", argument, NULL);
}

static void run(const char *name, void (*way)(void), const char *end) {
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    way();
    _exit(127);
  }
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
    fprintf(stderr, "%s failed\n", name);
    exit(1);
  }
  printf("\"%s\": %d%s", name, pid, end);
}

int main(int argc, char **argv) {
  FILE *file;

  if (argc != 2) return 64;
  snprintf(script, sizeof(script), "%s/script", argv[1]);
  file = fopen(script, "w");
  if (!file) return 1;
  fputs("#!/bin/true with an argument\n", file);
  fclose(file);
  chmod(script, 0700);
  // Else the children print again what is still in the buffer.
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("{");
  run("plain", plain, ", ");
  run("descriptor", by_descriptor, ", ");
  run("thread", by_thread, ", ");
  run("script", by_script, ", ");
  run("long", with_long_argument, "}\n");
  return 0;
}
