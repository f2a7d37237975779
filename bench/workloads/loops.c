// SPDX-License-Identifier: Apache-2.0
// loops KIND COUNT FOLDER: makes COUNT operations of one kind below FOLDER, one after another, and
// prints the processor time that they took (user and system, children included) in nanoseconds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static int64_t Nanoseconds(struct timeval time) {
  return (time.tv_sec * 1000000ll + time.tv_usec) * 1000ll;
}

// The kernel scales user and system so that their sum is the exact run time.
static int64_t ProcessorTime(void) {
  struct rusage self, children;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  return Nanoseconds(self.ru_utime) + Nanoseconds(self.ru_stime) + Nanoseconds(children.ru_utime) +
         Nanoseconds(children.ru_stime);
}

// A call that weir has no program for.
static void Ask(int count) {
  for (int i = 0; i < count; i++) syscall(SYS_getppid);
}

static void Open(int count, int flags) {
  for (int i = 0; i < count; i++) {
    const int fd = open("file", flags, 0600);
    if (fd < 0) fail("open");
    close(fd);
  }
}

static void Connect(int count) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof(address);
  // A reset instead of TIME_WAIT, or the ports would run out.
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (server < 0 || bind(server, (struct sockaddr*)&address, length) < 0 ||
      listen(server, 16) < 0 || getsockname(server, (struct sockaddr*)&address, &length) < 0) {
    fail("listen");
  }
  for (int i = 0; i < count; i++) {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 || connect(client, (struct sockaddr*)&address, sizeof(address)) < 0) {
      fail("connect");
    }
    const int accepted = accept(server, NULL, NULL);
    if (accepted < 0) fail("accept");
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close(client);
    close(accepted);
  }
  close(server);
}

static void Exec(int count) {
  char* const arguments[] = {"nothing", NULL};
  char* const environment[] = {NULL};
  for (int i = 0; i < count; i++) {
    int status;
    const pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
      execve("nothing", arguments, environment);
      _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0) fail("nothing");
  }
}

int main(int argc, char** argv) {
  if (argc != 4 || chdir(argv[3]) < 0) return 64;
  const int count = atoi(argv[2]);
  const int64_t begin = ProcessorTime();
  if (strcmp(argv[1], "untraced-call") == 0) {
    Ask(count);
  } else if (strcmp(argv[1], "open-read") == 0) {
    Open(count, O_RDONLY);
  } else if (strcmp(argv[1], "open-write") == 0) {
    Open(count, O_WRONLY | O_CREAT | O_TRUNC);
  } else if (strcmp(argv[1], "connect-accept") == 0) {
    Connect(count);
  } else if (strcmp(argv[1], "fork-exec-exit") == 0) {
    Exec(count);
  } else {
    return 64;
  }
  printf("{\"nanoseconds\": %lld}\n", (long long)(ProcessorTime() - begin));
  return 0;
}
