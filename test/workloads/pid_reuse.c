// SPDX-License-Identifier: Apache-2.0
// argv[1] short processes in a pid namespace in which pids come round after a few hundred, of two
// programs in turn: copies of this one named even and odd in the folder argv[2]. Each writes to the
// file of its name there (even.out, odd.out) and sends a datagram to the port of its name. Prints
// as JSON the ports and how many different pids the namespace gave out.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define PID_MAX "400"

static void check(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

// What each of the many does: argv is its own path, "child", and the port.
static int child(char **argv) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  char path[4200];
  int fd;

  snprintf(path, sizeof(path), "%s.out", argv[0]);
  fd = open(path, O_WRONLY);
  if (fd < 0 || write(fd, "weir", 4) != 4 || close(fd) < 0) return 1;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  return sendto(fd, "weir", 4, 0, (struct sockaddr *)&to, sizeof(to)) != 4;
}

static int receiver(void) {
  struct sockaddr_in own = {.sin_family = AF_INET};
  socklen_t size = sizeof(own);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(bind(fd, (struct sockaddr *)&own, size) == 0, "bind");
  check(getsockname(fd, (struct sockaddr *)&own, &size) == 0, "getsockname");
  return ntohs(own.sin_port);
}

static void copy_own(const char *to) {
  int from = open("/proc/self/exe", O_RDONLY), fd = open(to, O_CREAT | O_WRONLY, 0700);
  struct stat facts;

  check(fstat(from, &facts) == 0 && sendfile(fd, from, NULL, facts.st_size) == facts.st_size, to);
  close(fd);
}

// Each namespace since 6.14; before, it would be the host's.
static int has_own_pid_max(void) {
  struct utsname system;
  int major = 0, minor = 0;

  uname(&system);
  sscanf(system.release, "%d.%d", &major, &minor);
  return major > 6 || (major == 6 && minor >= 14);
}

// The first process of the namespace; its children's pids come round.
static int run_all(int count, char names[2][4100], const int *ports) {
  static unsigned char used[65536];
  int different = 0, fd;

  check(mount("proc", "/proc", "proc", 0, NULL) == 0, "proc");
  if (has_own_pid_max()) {
    fd = open("/proc/sys/kernel/pid_max", O_WRONLY);
    check(fd >= 0 && write(fd, PID_MAX, strlen(PID_MAX)) > 0, "pid_max");
    close(fd);
  }
  for (int i = 0; i < count; i++) {
    char port[16];
    int status;
    pid_t pid;

    snprintf(port, sizeof(port), "%d", ports[i & 1]);
    pid = vfork();
    if (pid == 0) {
      execl(names[i & 1], names[i & 1], "child", port, NULL);
      _exit(127);
    }
    check(waitpid(pid, &status, 0) == pid && status == 0, "child");
    different += !used[pid & 65535];
    used[pid & 65535] = 1;
  }
  return different;
}

int main(int argc, char **argv) {
  static const char *const kinds[] = {"even", "odd"};
  char names[2][4100], output[sizeof(names) + 8];
  int ports[2], status, different, ends[2];
  pid_t pid;

  if (argc == 3 && strcmp(argv[1], "child") == 0) return child(argv);
  if (argc != 3) return 64;
  for (int i = 0; i < 2; i++) {
    snprintf(names[i], sizeof(names[i]), "%s/%s", argv[2], kinds[i]);
    snprintf(output, sizeof(output), "%s.out", names[i]);
    copy_own(names[i]);
    close(open(output, O_CREAT | O_WRONLY, 0600));
    ports[i] = receiver();
  }
  check(unshare(CLONE_NEWPID | CLONE_NEWNS) == 0, "unshare");
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
  check(pipe(ends) == 0, "pipe");
  pid = fork();
  if (pid == 0) {
    different = run_all(atoi(argv[1]), names, ports);
    check(write(ends[1], &different, sizeof(different)) > 0, "write");
    _exit(0);
  }
  check(waitpid(pid, &status, 0) == pid && status == 0, "run");
  check(read(ends[0], &different, sizeof(different)) > 0, "read");
  printf("{\"even\": %d, \"odd\": %d, \"different\": %d}\n", ports[0], ports[1], different);
  return 0;
}
