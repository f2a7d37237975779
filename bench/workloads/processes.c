// Many processes that wait: each has a few files and a bound socket open, as services do.
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { kFiles = 5 };

static void wait_open(void) {
  // They end with their parent, whatever ends it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < kFiles; ++i) fopen("/etc/passwd", "r");
  const struct sockaddr_in any = {.sin_family = AF_INET};
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, (const struct sockaddr*)&any, sizeof any) != 0) _exit(1);
  for (;;) pause();
}

int main(int argc, char** argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 0;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = fork();
    if (pid < 0) return 1;
    if (pid == 0) wait_open();
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
