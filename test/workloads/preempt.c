/*
 * Threads that get in each other's way on one CPU: half of them loop, the others wake up by a timer
 * and take the CPU from them wherever they are. Each works in a folder of its own, whose path is
 * long and made of one letter, so that a record that two of them had a hand in shows it. usage:
 * preempt FOLDER ROUNDS. Prints what each thread did as JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 12
#define COMPONENTS 60
#define COMPONENT 50
#define FIRST_PORT 21000

static int folders[THREADS];
static int real_time[THREADS];
static int rounds;
static pthread_barrier_t begin;

static void name_of(char *text, int thread, int length) {
  memset(text, 'a' + thread, length);
  text[length] = 0;
}

static int make_folder(int root, int thread) {
  char name[COMPONENT + 1];
  int at = dup(root);

  for (int i = 0; i < COMPONENTS; i++) {
    int next;

    name_of(name, thread, i ? COMPONENT : 1);
    if (mkdirat(at, name, 0755)) err(2, "mkdirat");
    next = openat(at, name, O_RDONLY | O_DIRECTORY);
    if (next < 0) err(2, "openat");
    close(at);
    at = next;
  }
  return at;
}

static void work(int thread) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(FIRST_PORT + thread)};
  char first[6], second[8];
  pid_t child;
  int fd;

  name_of(first, thread, 5);
  name_of(second, thread, 7);
  fd = openat(folders[thread], first, O_CREAT | O_EXCL | O_WRONLY, 0644);
  if (fd < 0 || close(fd)) err(2, "create");
  if (renameat(folders[thread], first, folders[thread], second)) err(2, "rename");
  if (unlinkat(folders[thread], second, 0)) err(2, "unlink");
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) || close(fd)) err(2, "connect");
  /* With the same descriptors, or it would hold the files of others open. */
  child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  if (child < 0 || waitpid(child, NULL, 0) != child) err(2, "fork");
}

static void *run(void *argument) {
  int thread = (int)(long)argument;
  char name[16] = "mix-";

  name_of(name + 4, thread, 1);
  prctl(PR_SET_NAME, name);
  if (thread % 2) {
    struct sched_param parameter = {.sched_priority = 1 + thread / 2};

    real_time[thread] = sched_setscheduler(0, SCHED_FIFO, &parameter) == 0;
  }
  pthread_barrier_wait(&begin);
  for (int i = 0; i < rounds; i++) {
    work(thread);
    if (thread % 2) {
      /* Of different lengths, so that they meet the others anywhere. */
      struct timespec pause = {.tv_nsec = 20000 + 7919 * (thread + i % 13)};

      nanosleep(&pause, NULL);
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t threads[THREADS];
  int root, fifo = 0;
  cpu_set_t one;

  if (argc != 3) errx(64, "usage: preempt FOLDER ROUNDS");
  rounds = atoi(argv[2]);
  root = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (root < 0) err(2, "%s", argv[1]);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  if (sched_setaffinity(0, sizeof(one), &one)) err(2, "sched_setaffinity");
  for (int i = 0; i < THREADS; i++) folders[i] = make_folder(root, i);
  pthread_barrier_init(&begin, NULL, THREADS);
  for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, run, (void *)i);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    fifo += real_time[i];
  }
  printf("{\"threads\": %d, \"rounds\": %d, \"real_time\": %d, \"folder\": %d}\n", THREADS, rounds,
         fifo, 1 + 1 + (COMPONENTS - 1) * (COMPONENT + 1));
  return 0;
}
