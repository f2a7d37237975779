// SPDX-License-Identifier: Apache-2.0
// steady RATE SECONDS FOLDER PROGRAM: makes about RATE events a second, evenly: a file is created,
// written, closed, renamed and removed, a socket is connected; now and then PROGRAM runs. Every 50
// ms it makes latency-probe-N. Prints what it did.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kEventsPerStep = 5, kStepsPerSpawn = 200, kProbeMs = 50, kTickNs = 1000000 };

extern char** environ;

static void Check(int result, const char* what) {
  if (result >= 0) return;
  perror(what);
  exit(1);
}

static void Make(const char* name) {
  const int fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0600);
  Check(fd, name);
  Check((int)write(fd, "x", 1), "write");
  Check(close(fd), "close");
}

static void Connect(int i) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  Check(fd, "socket");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1024 + i % 60000)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Check(connect(fd, (struct sockaddr*)&to, sizeof to), "connect");
  Check(close(fd), "close");
}

// create, close_write, rename, unlink, connect
static void Step(int i) {
  char name[64], moved[64];
  snprintf(name, sizeof name, "work-%d.tmp", i);
  snprintf(moved, sizeof moved, "work-%d.dat", i);
  Make(name);
  Check(rename(name, moved), "rename");
  Check(unlink(moved), "unlink");
  Connect(i);
}

static void Spawn(char* program) {
  pid_t pid;
  char* const arguments[] = {program, "--quiet", NULL};
  if (posix_spawn(&pid, program, NULL, NULL, arguments, environ) != 0) exit(1);
  Check(waitpid(pid, NULL, 0), "waitpid");
}

int main(int argc, char** argv) {
  if (argc != 5 || chdir(argv[3]) < 0) return 64;
  const double steps_per_tick = atof(argv[1]) / kEventsPerStep / 1000;
  const int ticks = atoi(argv[2]) * 1000;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  int steps = 0, spawns = 0, probes = 0;
  for (int tick = 0; tick < ticks; tick++) {
    for (; steps < (tick + 1) * steps_per_tick; steps++) {
      Step(steps);
      if (steps % kStepsPerSpawn != 0) continue;
      Spawn(argv[4]);
      spawns++;
    }
    if (tick % kProbeMs == 0) {
      char name[64];
      snprintf(name, sizeof name, "latency-probe-%d", probes++);
      Make(name);
    }
    next.tv_nsec += kTickNs;
    if (next.tv_nsec >= 1000000000) {
      next.tv_nsec -= 1000000000;
      next.tv_sec++;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR) continue;
  }
  printf("{\"steps\": %d, \"spawns\": %d, \"probes\": %d}\n", steps, spawns, probes);
  return 0;
}
