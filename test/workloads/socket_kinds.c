// SPDX-License-Identifier: Apache-2.0
// Every kind of socket operation once, over loopback. Prints the ports as JSON, so that the rows
// can be told apart: argv[1] is a folder for the Unix socket, argv[2] milliseconds that all lives
// on.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SENDS 5

static void check(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static unsigned short bound_port(int fd) {
  struct sockaddr_in6 address;
  socklen_t length = sizeof(address);

  check(getsockname(fd, (struct sockaddr *)&address, &length) == 0, "getsockname");
  return ntohs(address.sin6_port);  // at the same place for IPv4
}

// An IPv6 server that an IPv4 client reaches by a mapped address.
static void mapped(void) {
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  int server = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);

  check(bind(server, (struct sockaddr *)&any, sizeof(any)) == 0, "bind");
  check(listen(server, 3) == 0, "listen");
  any.sin6_port = htons(bound_port(server));
  check(inet_pton(AF_INET6, "::ffff:127.0.0.1", &any.sin6_addr) == 1, "inet_pton");
  check(connect(client, (struct sockaddr *)&any, sizeof(any)) == 0, "connect");
  check(accept4(server, NULL, NULL, SOCK_CLOEXEC) >= 0, "accept4");
  printf("\"mapped_server\": %u, \"mapped_client\": %u, ", bound_port(server), bound_port(client));
}

// A port on which nobody listens: one that was bound and given back.
static unsigned short free_port(void) {
  struct sockaddr_in address = loopback(0);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  unsigned short port;

  check(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  port = bound_port(fd);
  close(fd);
  return port;
}

static void refused(void) {
  struct sockaddr_in address = loopback(free_port());
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  check(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED,
        "refused");
  close(fd);
  printf("\"refused\": %u, ", ntohs(address.sin_port));
}

static void not_blocking(unsigned short port, const char *name) {
  struct sockaddr_in address = loopback(port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct pollfd ready = {.fd = fd, .events = POLLOUT};

  check(connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == EINPROGRESS,
        "in progress");
  check(poll(&ready, 1, 5000) == 1, "poll");
  printf("\"%s\": %u, ", name, port);
}

// The kernel answers for a listener that never accepts.
static void unaccepted(void) {
  struct sockaddr_in address = loopback(0);
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

  check(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  check(listen(server, 1) == 0, "listen");
  address.sin_port = htons(bound_port(server));
  check(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  printf("\"unaccepted\": %u, \"unaccepted_client\": %u, ", ntohs(address.sin_port),
         bound_port(client));
}

static void accepted_with_flags(void) {
  struct sockaddr_in address = loopback(0);
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

  check(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  check(listen(server, 1) == 0, "listen");
  address.sin_port = htons(bound_port(server));
  check(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  check(accept4(server, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) >= 0, "accept4");
  printf("\"accept4\": %u, \"accept4_client\": %u, ", ntohs(address.sin_port), bound_port(client));
}

// Sends before it has connected, which connects.
static void fast_open(unsigned short port) {
  struct sockaddr_in address = loopback(port);
  struct iovec text = {"weir", 4};
  struct msghdr message = {
      .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &text, .msg_iovlen = 1};
  int first = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET, SOCK_STREAM, 0);

  check(sendto(first, "weir", 4, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)) == 4,
        "sendto");
  check(sendmsg(second, &message, MSG_FASTOPEN) == 4, "sendmsg");
  printf("\"fast_open\": %u, \"fast_open_message\": %u, ", bound_port(first), bound_port(second));
}

// Connects, and takes it back.
static void disconnected(unsigned short port) {
  struct sockaddr_in address = loopback(port);
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  check(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  printf("\"disconnected\": %u, ", bound_port(fd));
  check(connect(fd, &none, sizeof(none)) == 0, "disconnect");
}

static void raw(void) {
  const unsigned char echo[8] = {8, 0, 0xf7, 0xff};
  struct sockaddr_in address = loopback(0);
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

  check(sendto(fd, echo, sizeof(echo), 0, (struct sockaddr *)&address, sizeof(address)) == 8,
        "raw");
}

static void datagrams(void) {
  struct sockaddr_in address = loopback(0);
  int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
  int connected = socket(AF_INET, SOCK_DGRAM, 0);

  check(bind(receiver, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  address.sin_port = htons(bound_port(receiver));
  for (int i = 0; i < SENDS; i++) {
    check(sendto(sender, "weir", 4, 0, (struct sockaddr *)&address, sizeof(address)) == 4,
          "sendto");
  }
  check(connect(connected, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  check(send(connected, "weir", 4, 0) == 4, "send");
  printf("\"udp\": %u, \"sends\": %d, \"udp_sender\": %u, \"udp_connected\": %u, ",
         ntohs(address.sin_port), SENDS, bound_port(sender), bound_port(connected));
}

static void local(const char *folder) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

  snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
  check(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  check(listen(server, 1) == 0, "listen");
  check(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0, "connect");
  unlink(address.sun_path);
}

int main(int argc, char **argv) {
  struct sockaddr_in address = loopback(0);
  int server = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);

  if (argc < 2 || argc > 3) return 64;
  check(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  check(listen(server, 7) == 0, "listen");
  address = loopback(0);
  check(bind(other, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
  check(listen(other, 7) == 0, "listen");
  printf("{\"pid\": %d, \"server\": %u, \"other\": %u, ", getpid(), bound_port(server),
         bound_port(other));
  mapped();
  refused();
  not_blocking(bound_port(server), "not_blocking");
  not_blocking(free_port(), "not_blocking_refused");
  unaccepted();
  accepted_with_flags();
  fast_open(bound_port(other));
  disconnected(bound_port(other));
  raw();
  datagrams();
  local(argv[1]);
  printf("\"backlog\": 7}\n");
  if (argc == 3) usleep(atoi(argv[2]) * 1000);
  return 0;
}
