// SPDX-License-Identifier: Apache-2.0
// storm SECONDS FOLDER: two processes, each on a processor of its own where there are two, start
// programs, open files for writing and connect over loopback as fast as they can. Prints how many
// events of each class that was, as JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A round takes about equally long of each.
enum { kWorkers = 2, kFiles = 1000, kOpens = 100, kConnects = 10 };

struct counts {
  long execs, opens, connections;
};

static void Check(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static double Now(void) {
  struct timespec now;

  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

// Opened for writing and closed, the first time created: two events each.
static void Open(struct counts *counts) {
  for (int i = 0; i < kOpens; i++) {
    char name[16];
    int fd;

    snprintf(name, sizeof(name), "%ld", counts->opens % kFiles);
    fd = open(name, O_CREAT | O_WRONLY, 0600);
    Check(fd >= 0, name);
    close(fd);
    counts->opens++;
  }
}

// Connect, accept, and the end of both: four events each.
static void Connect(int listener, const struct sockaddr_in *address, struct counts *counts) {
  // A reset leaves no port waiting, of which there are only some 28,000.
  const struct linger hard = {1, 0};

  for (int i = 0; i < kConnects; i++) {
    int client = socket(AF_INET, SOCK_STREAM, 0), server;

    Check(connect(client, (const struct sockaddr *)address, sizeof(*address)) == 0, "connect");
    Check((server = accept(listener, NULL, NULL)) >= 0, "accept");
    Check(setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0, "SO_LINGER");
    close(client);
    close(server);
    counts->connections++;
  }
}

// Fork, exec and exit.
static void Start(struct counts *counts) {
  static char *arguments[] = {"storm", NULL};
  pid_t pid = vfork();
  int status;

  if (pid == 0) {
    execv("/proc/self/exe", arguments);
    _exit(127);
  }
  Check(waitpid(pid, &status, 0) == pid && status == 0, "exec");
  counts->execs++;
}

static void Work(int worker, double until, const char *folder, struct counts *counts) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof(address);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  cpu_set_t cpus;
  char name[16];

  CPU_ZERO(&cpus);
  CPU_SET(worker, &cpus);
  // With one processor they share it.
  sched_setaffinity(0, sizeof(cpus), &cpus);
  snprintf(name, sizeof(name), "%d", worker);
  Check(chdir(folder) == 0 && mkdir(name, 0700) == 0 && chdir(name) == 0, folder);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Check(bind(listener, (struct sockaddr *)&address, size) == 0, "bind");
  Check(listen(listener, 16) == 0, "listen");
  Check(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "getsockname");
  while (Now() < until) {
    Open(counts);
    Connect(listener, &address, counts);
    Start(counts);
  }
}

int main(int argc, char **argv) {
  struct counts *counts, all = {0};
  double begin = Now(), until;

  if (argc == 1) return 0;  // what the storm starts
  if (argc != 3) return 64;
  until = begin + atof(argv[1]);
  counts = mmap(NULL, kWorkers * sizeof(*counts), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Check(counts != MAP_FAILED, "mmap");
  for (int i = 0; i < kWorkers; i++) {
    pid_t pid = fork();

    Check(pid >= 0, "fork");
    if (pid == 0) {
      Work(i, until, argv[2], &counts[i]);
      _exit(0);
    }
  }
  for (int i = 0; i < kWorkers; i++) {
    int status;

    Check(wait(&status) > 0 && status == 0, "worker");
  }
  for (int i = 0; i < kWorkers; i++) {
    all.execs += counts[i].execs;
    all.opens += counts[i].opens;
    all.connections += counts[i].connections;
  }
  // Its own exec and exit, its workers' forks and exits, a folder, a bind and a listen of each.
  printf(
      "{\"seconds\": %.3f, \"process\": %ld, \"lifecycle\": %ld, \"file\": %ld, \"socket\": %ld}\n",
      Now() - begin, 1 + all.execs, 1 + 2 * (kWorkers + all.execs), kWorkers + 2 * all.opens,
      2 * kWorkers + 4 * all.connections);
  return 0;
}
