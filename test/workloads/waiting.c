// SPDX-License-Identifier: Apache-2.0
// waiting NUMBER: so many threads wait in accept at once, then so many in connect, before any of
// them goes on. Prints pid and the ports of both listeners as JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 256

static atomic_int begun;
static int threads[MOST];
static int listener;
static struct sockaddr_in address;

static int open_listener(int backlog) {
  socklen_t size = sizeof(address);
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&address, size) || listen(fd, backlog)) err(2, "listen");
  if (getsockname(fd, (struct sockaddr *)&address, &size)) err(2, "getsockname");
  return fd;
}

static void *accepting(void *number) {
  threads[(long)number] = syscall(SYS_gettid);
  begun++;
  if (accept(listener, NULL, NULL) < 0) err(2, "accept");
  return NULL;
}

static void *connecting(void *number) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);

  threads[(long)number] = syscall(SYS_gettid);
  begun++;
  if (connect(fd, (struct sockaddr *)&address, sizeof(address))) err(2, "connect");
  return NULL;
}

// Whether a thread sleeps in its call, or is through.
static int rests(int thread) {
  char path[64], text[256] = "";
  FILE *file;

  snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
  file = fopen(path, "r");
  if (!file) return 1;
  if (!fgets(text, sizeof(text), file)) text[0] = 0;
  fclose(file);
  return !text[0] || strstr(text, ") S ") != NULL;
}

static void start(pthread_t *all, int number, void *(*run)(void *)) {
  begun = 0;
  for (long i = 0; i < number; i++) pthread_create(&all[i], NULL, run, (void *)i);
  while (begun < number) usleep(1000);
  for (int i = 0; i < number; i++) {
    while (!rests(threads[i])) usleep(1000);
  }
}

int main(int argc, char **argv) {
  int number = argc == 2 ? atoi(argv[1]) : 0, accept_port, connect_port;
  pthread_t all[MOST];

  if (number < 1 || number > MOST) errx(64, "usage: waiting NUMBER (1 to %d)", MOST);
  listener = open_listener(number);
  accept_port = ntohs(address.sin_port);
  start(all, number, accepting);
  for (int i = 0; i < number; i++) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof(address))) err(2, "connect");
  }
  for (int i = 0; i < number; i++) pthread_join(all[i], NULL);

  // Nobody is accepted, and there is room for one: the others wait until there is more, and try
  // again after a second.
  listener = open_listener(0);
  connect_port = ntohs(address.sin_port);
  start(all, number, connecting);
  if (listen(listener, number)) err(2, "listen");
  for (int i = 0; i < number; i++) pthread_join(all[i], NULL);
  printf("{\"pid\": %d, \"accept_port\": %d, \"connect_port\": %d}\n", getpid(), accept_port,
         connect_port);
  return 0;
}
