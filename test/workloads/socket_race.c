// SPDX-License-Identifier: Apache-2.0
// A thread keeps exchanging the port in the address while connect reads it. Prints
// as JSON what the kernel took: the remote port of each connect in order, by getpeername.
// argv[1]: how many connects.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile struct sockaddr_in address;
static unsigned short ports[2];

static void *exchange(void *unused) {
  (void)unused;
  for (unsigned i = 0;; i++) address.sin_port = ports[i & 1];
  return NULL;
}

static int listening(int i) {
  struct sockaddr_in own = {.sin_family = AF_INET};
  socklen_t size = sizeof(own);
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&own, size) < 0 || listen(fd, 4096) < 0 ||
      getsockname(fd, (struct sockaddr *)&own, &size) < 0)
    exit(1);
  ports[i] = own.sin_port;
  address = own;
  return fd;
}

int main(int argc, char **argv) {
  pthread_t thread;

  if (argc != 2) return 64;
  listening(0);
  listening(1);
  if (pthread_create(&thread, NULL, exchange, NULL) != 0) return 1;
  usleep(1000);
  printf("{\"pid\": %d, \"ports\": [", getpid());
  for (int i = 0; i < atoi(argv[1]); i++) {
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
      return 1;
    printf("%s%u", i ? ", " : "", ntohs(peer.sin_port));
    close(fd);
  }
  printf("]}\n");
  return 0;
}
