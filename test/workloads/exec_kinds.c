// SPDX-License-Identifier: Apache-2.0
// Ways to start a program: argv[1] is a folder for a script. Each starts /bin/true once, or with
// argv[2], such as 0.2, /bin/sleep for so many seconds, waits for it, and prints its pid as JSON:
// plain, by descriptor, by a thread, by a script, by one in memory, with long argv.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_ARGUMENT 60000

extern char **environ;
static char script[4096];
static const char *program = "/bin/true", *name = "true", *seconds;

static void plain(void) { execl(program, name, seconds ? seconds : "plain", NULL); }

static void by_descriptor(void) {
  char *arguments[] = {(char *)name, (char *)(seconds ? seconds : "descriptor"), NULL};

  syscall(SYS_execveat, open(program, O_PATH), "", arguments, environ, AT_EMPTY_PATH);
}

static void *start(void *unused) {
  (void)unused;
  execl(program, name, seconds ? seconds : "thread", NULL);
  return NULL;
}

static void by_thread(void) {
  pthread_t thread;

  if (pthread_create(&thread, NULL, start, NULL) == 0) pthread_join(thread, NULL);
}

static void by_script(void) { execl(script, script, "script", NULL); }

// Nothing of it ever lies on a disk.
static void by_memory_script(void) {
  const char text[] = "#!/bin/true\n";
  char *arguments[] = {"memory", NULL};
  int memory = memfd_create("weir-script", 0);

  if (write(memory, text, sizeof(text) - 1) < 0) _exit(1);
  syscall(SYS_execveat, memory, "", arguments, environ, AT_EMPTY_PATH);
}

static void with_long_argument(void) {
  static char argument[LONG_ARGUMENT + 1];

  memset(argument, seconds ? '0' : 'x', LONG_ARGUMENT);
  if (seconds) memcpy(argument, seconds, strlen(seconds));
  execl(program, name, argument, NULL);
}

static void run(const char *what, void (*way)(void), const char *end) {
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    way();
    _exit(127);
  }
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
  }
  printf("\"%s\": %d%s", what, pid, end);
}

int main(int argc, char **argv) {
  FILE *file;

  if (argc < 2 || argc > 3) return 64;
  if (argc == 3) {
    program = "/bin/sleep", name = "sleep";
    seconds = argv[2];
  }
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
  run("memory_script", by_memory_script, ", ");
  run("long", with_long_argument, "}\n");
  return 0;
}
