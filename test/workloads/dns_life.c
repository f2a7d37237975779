// SPDX-License-Identifier: Apache-2.0
// Asks a name server of its own by getaddrinfo, over IPv4 and IPv6, UDP and TCP, in network and
// mount namespaces of its own; argv[1] is a folder for configuration files. Then connects to what
// it found, and sends to port 53 what is no DNS. Prints as JSON who asked.
//
// The server knows   alias.weir.test   CNAME real.weir.test, A 127.0.0.7, AAAA ::1
//                    big.weir.test     40 addresses, over TCP only (UDP answers are truncated)
//                    other names       NXDOMAIN
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIG 40
#define WEB_PORT 8080

typedef unsigned char byte;

static void check(int good, const char *what) {
  if (good) return;
  perror(what);
  exit(1);
}

static byte *put16(byte *at, unsigned value) {
  *at++ = value >> 8;
  *at++ = value;
  return at;
}

static byte *record(byte *at, unsigned name, unsigned type, const void *data, unsigned size) {
  at = put16(at, 0xc000 | name);
  at = put16(put16(at, type), 1);
  at = put16(put16(at, 0), type == 5 ? 60 : 300);
  at = put16(at, size);
  memcpy(at, data, size);
  return at + size;
}

// Turns the question in `m` into its answer; returns the size.
static int answer(byte *m, int size, int tcp) {
  static const byte real[] = "\4real\xc0\x12", four[] = {127, 0, 0, 7};
  byte six[16] = {[15] = 1};
  byte *end = m + 12;
  int alias = memcmp(end, "\5alias", 6) == 0, big = memcmp(end, "\3big", 4) == 0, count = 0;
  unsigned type;

  while (end < m + size && *end) end += 1 + *end;
  if (end + 5 > m + size) return 0;
  type = end[1] << 8 | end[2];
  end += 5;
  m[2] = 0x85;
  m[3] = alias || big ? 0x80 : 0x83;
  if (big && !tcp) {
    m[2] |= 2;  // truncated
  } else if (big && type == 1) {
    for (; count < BIG; count++) end = record(end, 12, 1, (byte[]){192, 0, 2, count}, 4);
  } else if (alias) {
    end = record(end, 12, 5, real, 7);
    if (type == 1) end = record(end, end - m - 7, 1, four, 4);
    if (type == 28) end = record(end, end - m - 7, 28, six, 16);
    count = 1 + (type == 1 || type == 28);
  }
  put16(&m[6], count);
  put16(put16(&m[8], 0), 0);
  return end - m;
}

static int serving(int family, int kind, int port) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(family, kind, 0), one = 1;

  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
  check(bind(fd, family == AF_INET6 ? (void *)&six : (void *)&four,
             family == AF_INET6 ? sizeof(six) : sizeof(four)) == 0,
        "bind");
  if (kind == SOCK_STREAM) check(listen(fd, 8) == 0, "listen");
  return fd;
}

static void serve_stream(int listener) {
  int fd = accept(listener, NULL, NULL), one = 1, done = 0, size;
  byte m[4096];

  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  for (;;) {
    while (done < 2 || done < 2 + (m[0] << 8 | m[1])) {
      int got = read(fd, m + done, sizeof(m) - done);

      if (got <= 0) {
        close(fd);
        return;
      }
      done += got;
    }
    int asked = 2 + (m[0] << 8 | m[1]), more = done - asked;
    byte next[4096];

    memcpy(next, m + asked, more);
    size = answer(m + 2, asked - 2, 1);
    put16(m, size);
    // In two pieces, as a network may do it.
    check(write(fd, m, 20) == 20 && write(fd, m + 20, size - 18) == size - 18, "write");
    memcpy(m, next, more);
    done = more;
  }
}

static void serve(void) {
  struct pollfd ready[] = {{serving(AF_INET, SOCK_DGRAM, 53), POLLIN, 0},
                           {serving(AF_INET6, SOCK_DGRAM, 53), POLLIN, 0},
                           {serving(AF_INET, SOCK_STREAM, 53), POLLIN, 0},
                           {serving(AF_INET6, SOCK_STREAM, 53), POLLIN, 0}};

  for (;;) {
    check(poll(ready, 4, -1) > 0, "poll");
    for (int i = 0; i < 4; i++) {
      struct sockaddr_in6 from;
      socklen_t length = sizeof(from);
      byte m[4096];
      int size;

      if (!ready[i].revents) continue;
      if (i >= 2) {
        serve_stream(ready[i].fd);
        continue;
      }
      size = recvfrom(ready[i].fd, m, sizeof(m), 0, (struct sockaddr *)&from, &length);
      if (size < 12) continue;
      size = answer(m, size, 0);
      if (size > 0) sendto(ready[i].fd, m, size, 0, (struct sockaddr *)&from, length);
    }
  }
}

static void write_file(const char *folder, const char *name, const char *text) {
  char path[4200], target[64];
  FILE *file;

  snprintf(path, sizeof(path), "%s/%s", folder, name);
  snprintf(target, sizeof(target), "/etc/%s", name);
  file = fopen(path, "w");
  check(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, path);
  check(mount(path, target, NULL, MS_BIND, NULL) == 0, target);
}

static int resolve(const char *name, struct sockaddr_storage *first, socklen_t *size) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  int error = getaddrinfo(name, "8080", &hints, &found);

  if (error == 0 && first) {
    memcpy(first, found->ai_addr, found->ai_addrlen);
    *size = found->ai_addrlen;
  }
  if (found) freeaddrinfo(found);
  return error;
}

static void ask(void) {
  struct sockaddr_storage address;
  socklen_t size;
  int fd;

  check(resolve("alias.weir.test", &address, &size) == 0, "alias");
  fd = socket(address.ss_family, SOCK_STREAM, 0);
  check(connect(fd, (struct sockaddr *)&address, size) == 0, "connect");
  close(fd);
  check(resolve("none.weir.test", NULL, NULL) == EAI_NONAME, "none");
  check(resolve("big.weir.test", NULL, NULL) == 0, "big");
}

static pid_t asker(const char *folder, const char *server) {
  char text[128];
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    check(unshare(CLONE_NEWNS) == 0, "unshare");
    snprintf(text, sizeof(text), "nameserver %s\noptions timeout:2 attempts:1\n", server);
    write_file(folder, "resolv.conf", text);
    ask();
    exit(0);
  }
  check(waitpid(pid, &status, 0) == pid && status == 0, server);
  return pid;
}

static pid_t noise(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    // A question whose name points at itself, one byte, and one label that says it is longer.
    static const byte loop[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1};
    static const byte lies[] = {0, 8, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63, 'x'};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sendto(fd, loop, sizeof(loop), 0, (struct sockaddr *)&address, sizeof(address));
    sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address));
    sendto(fd, lies, sizeof(lies), 0, (struct sockaddr *)&address, sizeof(address));
    exit(0);
  }
  check(waitpid(pid, &status, 0) == pid && status == 0, "noise");
  return pid;
}

int main(int argc, char **argv) {
  struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  pid_t server, four, six, other;
  int web[2];

  if (argc != 2) return 64;
  check(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
  check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
  check(ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &interface) == 0, "lo");
  write_file(argv[1], "nsswitch.conf", "hosts: dns\n");
  web[0] = serving(AF_INET, SOCK_STREAM, WEB_PORT);
  web[1] = serving(AF_INET6, SOCK_STREAM, WEB_PORT);
  server = fork();
  if (server == 0) serve();
  usleep(100000);
  four = asker(argv[1], "127.0.0.1");
  six = asker(argv[1], "::1");
  other = noise();
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  close(web[0]);
  close(web[1]);
  printf("{\"ipv4\": %d, \"ipv6\": %d, \"noise\": %d, \"server\": %d, \"big\": %d}\n", four, six,
         other, server, BIG);
  return 0;
}
