// Asks a name server of its own on 127.0.0.1, without a resolver library (statically linked ones
// want their modules): 23 questions over UDP, one over TCP, each by socket calls alone. The server
// answers NAME.weir.test with 127.0.0.7. Prints as JSON who asked.
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMES 23

typedef unsigned char byte;

static const struct sockaddr_in server = {.sin_family = AF_INET};

static struct sockaddr_in place(void) {
  struct sockaddr_in at = server;
  at.sin_port = htons(53);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

// Question for NAME.weir.test, type A; returns the size.
static int ask(byte *m, int id, const char *name) {
  static const byte rest[] = "\4weir\4test\0\0\1\0\1";
  byte *at = m + 12;

  memset(m, 0, 12);
  m[1] = id;
  m[2] = 1;  // recursion desired
  m[5] = 1;  // one question
  *at++ = strlen(name);
  memcpy(at, name, strlen(name));
  at += strlen(name);
  memcpy(at, rest, sizeof(rest) - 1);
  return at + sizeof(rest) - 1 - m;
}

// Makes an answer of the question; returns the size.
static int answer(byte *m, int size) {
  static const byte record[] = "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\x7f\0\0\7";

  m[2] |= 0x80;
  m[7] = 1;  // one answer
  memcpy(m + size, record, sizeof(record) - 1);
  return size + sizeof(record) - 1;
}

static void serve(int udp, int tcp) {
  struct sockaddr_in from;
  socklen_t length;
  byte m[512];
  int size, fd;

  for (int i = 0; i < TIMES; i++) {
    length = sizeof(from);
    size = recvfrom(udp, m, sizeof(m) - 64, 0, (struct sockaddr *)&from, &length);
    if (size < 12) err(2, "recvfrom");
    sendto(udp, m, answer(m, size), 0, (struct sockaddr *)&from, length);
  }
  fd = accept(tcp, NULL, NULL);
  size = recv(fd, m, sizeof(m) - 64, 0);
  if (size < 14) err(2, "recv");
  size = answer(m + 2, size - 2);
  m[0] = size >> 8;
  m[1] = size;
  if (send(fd, m, size + 2, 0) != size + 2) err(2, "send");
  recv(fd, m, 1, 0);
  _exit(0);
}

int main(void) {
  struct sockaddr_in at = place();
  int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0), one = 1, fd,
      size;
  byte m[512];
  pid_t child;

  setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  if (bind(udp, (struct sockaddr *)&at, sizeof(at)) ||
      bind(tcp, (struct sockaddr *)&at, sizeof(at)))
    err(2, "bind");
  if (listen(tcp, 1)) err(2, "listen");
  child = fork();
  if (child == 0) serve(udp, tcp);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(fd, (struct sockaddr *)&at, sizeof(at))) err(2, "connect");
  for (int i = 0; i < TIMES; i++) {
    size = ask(m, i, "udp");
    if (send(fd, m, size, 0) != size || recv(fd, m, sizeof(m), 0) <= size) err(2, "udp");
  }
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&at, sizeof(at))) err(2, "connect");
  size = ask(m + 2, 99, "tcp");
  m[0] = 0;
  m[1] = size;
  if (send(fd, m, size + 2, 0) != size + 2 || recv(fd, m, sizeof(m), 0) <= size) err(2, "tcp");
  close(fd);
  waitpid(child, NULL, 0);
  printf("{\"pid\": %d}\n", getpid());
  return 0;
}
