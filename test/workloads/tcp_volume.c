// SPDX-License-Identifier: Apache-2.0
// TCP connections over loopback that carry known amounts and end in known ways: argv[1] is 4 or 6.
// Prints as JSON, by the name of the case, the ports of the client and what client and server sent.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static union {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
} address;
static socklen_t size;

static void check(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static unsigned port_of(int fd) {
  struct sockaddr_in6 own;
  socklen_t length = sizeof(own);

  check(getsockname(fd, (struct sockaddr *)&own, &length) == 0, "getsockname");
  return ntohs(own.sin6_port);  // at the same place for IPv4
}

// Sends `amount` bytes from one end and reads them at the other.
static void carry(int from, int to, long amount) {
  static char buffer[65536];
  long sent = 0, got = 0;

  fcntl(from, F_SETFL, O_NONBLOCK);
  while (got < amount) {
    long want = amount - sent < (long)sizeof(buffer) ? amount - sent : (long)sizeof(buffer);
    long n = want > 0 ? write(from, buffer, want) : 0;

    if (n > 0) sent += n;
    struct pollfd ready = {to, POLLIN, 0};
    if (poll(&ready, 1, 0) > 0 && (n = read(to, buffer, sizeof(buffer))) > 0) got += n;
  }
}

enum end { CLIENT_FIRST, SERVER_FIRST, RESET, IN_PROGRESS };

static void connection(const char *name, long up, long down, enum end end, const char *after) {
  int client = socket(address.any.sa_family, SOCK_STREAM, 0), server;
  struct linger hard = {1, 0};
  unsigned port;

  if (end == IN_PROGRESS) fcntl(client, F_SETFL, O_NONBLOCK);
  check(connect(client, &address.any, size) == 0 || end == IN_PROGRESS, "connect");
  server = accept(listener, NULL, NULL);
  check(server >= 0, "accept");
  port = port_of(client);
  carry(client, server, up);
  carry(server, client, down);
  if (end == RESET) setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  close(end == SERVER_FIRST ? server : client);
  usleep(20000);
  close(end == SERVER_FIRST ? client : server);
  printf("\"%s\": {\"port\": %u, \"up\": %ld, \"down\": %ld}%s", name, port, up, down, after);
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  if (argv[1][0] == '6') {
    address.six.sin6_family = AF_INET6;
    address.six.sin6_addr = in6addr_loopback;
    size = sizeof(address.six);
  } else {
    address.four.sin_family = AF_INET;
    address.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(address.four);
  }
  listener = socket(address.any.sa_family, SOCK_STREAM, 0);
  check(bind(listener, &address.any, size) == 0 && listen(listener, 8) == 0, "listen");
  check(getsockname(listener, &address.any, &size) == 0, "getsockname");
  printf("{");
  connection("empty", 0, 0, CLIENT_FIRST, ", ");
  connection("client", 1234, 7654321, CLIENT_FIRST, ", ");
  connection("server", 1000000, 23, SERVER_FIRST, ", ");
  connection("in_progress", 5, 6, IN_PROGRESS, ", ");
  connection("reset", 100, 200, RESET, "}\n");
  return 0;
}
