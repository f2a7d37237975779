/*
 * Names that are out of memory when the kernel programs look: they lie in a mapped file, and a
 * second thread drops that page from the table of pages all the time. usage: page_fault FOLDER
 * ROUNDS, where the folder is empty. Makes and removes a folder in each round; prints how often as
 * JSON.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

static char *page;
static atomic_int done;

static void *drop(void *unused) {
  while (!atomic_load(&done)) madvise(page, PAGE, MADV_DONTNEED);
  return unused;
}

int main(int argc, char **argv) {
  char text[PAGE] = {0};
  pthread_t dropper;
  int rounds, fd;

  if (argc != 3) errx(64, "usage: page_fault FOLDER ROUNDS");
  rounds = atoi(argv[2]);
  if (chdir(argv[1])) err(2, "%s", argv[1]);
  fd = open("page", O_CREAT | O_RDWR, 0644);
  snprintf(text, sizeof(text), "%s/folder", argv[1]);
  if (fd < 0 || write(fd, text, PAGE) != PAGE) err(2, "page");
  page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
  if (page == MAP_FAILED) err(2, "mmap");
  pthread_create(&dropper, NULL, drop, NULL);
  for (int i = 0; i < rounds; i++) {
    if (mkdir(page, 0755) || rmdir(page)) err(2, "round %d", i);
  }
  atomic_store(&done, 1);
  pthread_join(dropper, NULL);
  printf("{\"rounds\": %d, \"path\": \"%s\"}\n", rounds, text);
  return 0;
}
