// SPDX-License-Identifier: Apache-2.0
// Connects to itself over loopback argv[1] times, over IPv6 when argv[2] says so, and prints the
// ports of the last pair. argv[3]: milliseconds for which each pair is held.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static unsigned short port_of(int fd) {
  struct sockaddr_storage address;
  socklen_t length = sizeof(address);

  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) fail("getsockname");
  if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
  return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
}

int main(int argc, char **argv) {
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr *address;
  socklen_t length;
  unsigned short client_port = 0;
  int times, server, client, accepted;

  if (argc < 3 || argc > 4) return 64;
  times = atoi(argv[1]);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (strcmp(argv[2], "6") == 0) {
    address = (struct sockaddr *)&v6;
    length = sizeof(v6);
  } else {
    address = (struct sockaddr *)&v4;
    length = sizeof(v4);
  }

  server = socket(address->sa_family, SOCK_STREAM, 0);
  if (server < 0 || bind(server, address, length) < 0 || listen(server, 8) < 0) fail("listen");
  if (getsockname(server, address, &length) < 0) fail("getsockname");
  for (int i = 0; i < times; i++) {
    client = socket(address->sa_family, SOCK_STREAM, 0);
    if (client < 0 || connect(client, address, length) < 0) fail("connect");
    accepted = accept(server, NULL, NULL);
    if (accepted < 0) fail("accept");
    client_port = port_of(client);
    if (argc == 4) usleep(atoi(argv[3]) * 1000);
    close(client);
    close(accepted);
  }
  printf("{\"server_port\": %u, \"client_port\": %u}\n", port_of(server), client_port);
  return 0;
}
