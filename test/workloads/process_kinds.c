// SPDX-License-Identifier: Apache-2.0
// What makes processes hard to tell: argv[1] is a folder to work in; what is started is /bin/true,
// or with argv[2] /bin/sleep for so many seconds. Prints the pid of each child,
// by the name of what it did, as JSON: vfork, CLONE_PARENT, pid namespace, setsid, chroot behind a
// bind mount, exec of a file without a name, and a leader that ends before its thread.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char folder[4096];
static const char *program = "/bin/true", *name = "true", *seconds;

static int check(int result, const char *what) {
  if (result >= 0) return result;
  perror(what);
  _exit(1);
}

static void start(const char *mark) {
  execl(program, name, seconds ? seconds : mark, NULL);
  _exit(127);
}

static void ended(pid_t pid, const char *what) {
  int status;

  if (waitpid(pid, &status, __WALL) == pid && status == 0) return;
  fprintf(stderr, "%s: status %x\n", what, status);
  exit(1);
}

static void say(const char *what, pid_t pid) { printf("\"%s\": %d, ", what, pid); }

static void by_vfork(void) {
  pid_t pid = vfork();

  if (pid == 0) {
    execl(program, name, seconds ? seconds : "vfork", NULL);
    _exit(127);
  }
  ended(pid, "vfork");
  say("vfork", pid);
}

// The child of a child is our own child.
static void by_clone_parent(void) {
  int ends[2];
  pid_t pids[2];

  check(pipe(ends), "pipe");
  if ((pids[0] = fork()) == 0) {
    pids[1] = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pids[1] == 0) start("clone_parent");
    check(write(ends[1], &pids[1], sizeof(pids[1])), "write");
    _exit(0);
  }
  check(read(ends[0], &pids[1], sizeof(pids[1])), "read");
  ended(pids[0], "creator");
  ended(pids[1], "clone_parent");
  say("creator", pids[0]);
  say("clone_parent", pids[1]);
}

static void in_pid_namespace(void) {
  int ends[2];
  pid_t between, inside;

  check(pipe(ends), "pipe");
  if ((between = fork()) == 0) {
    check(unshare(CLONE_NEWPID), "unshare");
    if ((inside = fork()) == 0) start("pid_namespace");
    check(write(ends[1], &inside, sizeof(inside)), "write");
    ended(inside, "pid namespace");
    _exit(0);
  }
  check(read(ends[0], &inside, sizeof(inside)), "read");
  ended(between, "pid namespace");
  say("pid_namespace", inside);
}

static void in_session(void) {
  pid_t pid = fork();

  if (pid == 0) {
    check(setsid(), "setsid");
    start("setsid");
  }
  ended(pid, "setsid");
  say("setsid", pid);
}

// The root folder is seen once more below folder/root, which then is the child's root.
static void in_chroot(void) {
  char root[4200];
  pid_t pid = fork();

  if (pid == 0) {
    snprintf(root, sizeof(root), "%s/root", folder);
    check(mkdir(root, 0700), "mkdir");
    check(unshare(CLONE_NEWNS), "unshare");
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    check(mount("/", root, NULL, MS_BIND, NULL), "bind");
    check(chroot(root), "chroot");
    check(chdir("/usr"), "chdir");
    start("chroot");
  }
  ended(pid, "chroot");
  say("chroot", pid);
}

static void copy_program(int to) {
  int from = check(open(program, O_RDONLY), program);
  struct stat facts;

  check(fstat(from, &facts), "fstat");
  check(sendfile(to, from, NULL, facts.st_size), "sendfile");
  check(fchmod(to, 0700), "fchmod");
  close(from);
}

static void by_descriptor(int fd, const char *mark) {
  char *arguments[] = {(char *)name, (char *)(seconds ? seconds : mark), NULL};
  pid_t pid = fork();

  if (pid == 0) {
    syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
    _exit(127);
  }
  ended(pid, mark);
  say(mark, pid);
  close(fd);
}

static void without_name(void) {
  char gone[4200], path[64];
  int memory = check(memfd_create("weir-memory", 0), "memfd_create"), writing;

  copy_program(memory);
  // While somebody can write to it, a file cannot be executed.
  snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
  int reading = check(open(path, O_RDONLY | O_CLOEXEC), path);
  close(memory);
  by_descriptor(reading, "memfd");

  snprintf(gone, sizeof(gone), "%s/gone", folder);
  writing = check(open(gone, O_CREAT | O_WRONLY, 0700), gone);
  copy_program(writing);
  close(writing);
  reading = check(open(gone, O_RDONLY | O_CLOEXEC), gone);
  check(unlink(gone), "unlink");
  by_descriptor(reading, "deleted");
}

static void *outlive(void *unused) {
  (void)unused;
  usleep(50000);
  exit(23);
}

static void leader_first(void) {
  pthread_t thread;
  int status;
  pid_t pid = fork();

  if (pid == 0) {
    pthread_create(&thread, NULL, outlive, NULL);
    pthread_exit(NULL);
  }
  if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 23) exit(1);
  say("leader_first", pid);
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) return 64;
  if (argc == 3) {
    program = "/bin/sleep", name = "sleep";
    seconds = argv[2];
  }
  snprintf(folder, sizeof(folder), "%s", argv[1]);
  // Else the children print again what is still in the buffer.
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("{");
  by_vfork();
  by_clone_parent();
  in_pid_namespace();
  in_session();
  in_chroot();
  without_name();
  leader_first();
  printf("\"own\": %d}\n", getpid());
  return 0;
}
