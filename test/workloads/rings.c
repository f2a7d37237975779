// SPDX-License-Identifier: Apache-2.0
// Files and connections by io_uring, with its bare system calls. argv[1]: a folder.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "say.h"

#define ENTRIES 8

static int ring;
static struct io_uring_params params;
static unsigned char *submissions, *completions;
static struct io_uring_sqe *entries;

static void make_ring(void) {
  ring = syscall(SYS_io_uring_setup, ENTRIES, &params);
  if (ring < 0) fail("io_uring_setup");
  say("io_uring_events",
      "\"pid\": %d, \"action\": \"io_uring_create\", \"entries\": %d, \"fd\": %d", getpid(),
      ENTRIES, ring);
  submissions = mmap(NULL, params.sq_off.array + ENTRIES * sizeof(unsigned), PROT_READ | PROT_WRITE,
                     MAP_SHARED, ring, IORING_OFF_SQ_RING);
  completions = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
                     PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
  entries = mmap(NULL, ENTRIES * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
                 IORING_OFF_SQES);
  if (submissions == MAP_FAILED || completions == MAP_FAILED || entries == MAP_FAILED) fail("mmap");
}

// Does one request and waits for it; returns its result.
static int request(struct io_uring_sqe *entry) {
  unsigned *tail = (unsigned *)(submissions + params.sq_off.tail);
  unsigned *head = (unsigned *)(completions + params.cq_off.head);
  unsigned mask = *(unsigned *)(submissions + params.sq_off.ring_mask), at = *tail & mask;
  struct io_uring_cqe *done;

  entries[at] = *entry;
  ((unsigned *)(submissions + params.sq_off.array))[at] = at;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) fail("enter");
  mask = *(unsigned *)(completions + params.cq_off.ring_mask);
  done = (struct io_uring_cqe *)(completions + params.cq_off.cqes) + (*head & mask);
  __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
  return done->res;
}

static int with_path(int opcode, int fd, const char *path, unsigned length, unsigned flags) {
  struct io_uring_sqe entry = {
      .opcode = opcode, .fd = fd, .addr = (unsigned long)path, .len = length, .open_flags = flags};

  return request(&entry);
}

static int with_paths(int opcode, const char *path, const char *to, int to_dirfd) {
  struct io_uring_sqe entry = {.opcode = opcode,
                               .fd = AT_FDCWD,
                               .addr = (unsigned long)path,
                               .len = to_dirfd,
                               .off = (unsigned long)to};

  return request(&entry);
}

static void said(const char *name, const char *path, const char *to) {
  say("io_uring_events",
      "\"pid\": %d, \"action\": \"io_uring_%s\", \"file\": \"%s\", "
      "\"dest_path\": %s%s%s, \"source\": \"kernel\"",
      getpid(), name, path, to ? "\"" : "", to ? to : "null", to ? "\"" : "");
}

// The other end is connected before, so that the request need not wait.
static void accept_one(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  struct io_uring_sqe entry = {.opcode = IORING_OP_ACCEPT, .fd = listener};
  socklen_t size = sizeof(address);

  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1)) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &size)) fail("getsockname");
  if (connect(client, (struct sockaddr *)&address, size)) fail("connect");
  if (request(&entry) < 0) fail("accept");
  say("io_uring_events", "\"pid\": %d, \"action\": \"io_uring_accept\"", getpid());
}

int main(int argc, char **argv) {
  char folder[4096], inside[4096], file[4096], renamed[4096], linked[4096], pointer[4096];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  struct io_uring_sqe entry = {};
  int place, fd, result;

  if (argc != 2) return 64;
  snprintf(folder, sizeof(folder), "%s/ring", argv[1]);
  snprintf(inside, sizeof(inside), "%s/ring", argv[1]);
  snprintf(file, sizeof(file), "%.4000s/ring/file", argv[1]);
  snprintf(renamed, sizeof(renamed), "%.4000s/ring/renamed", argv[1]);
  snprintf(linked, sizeof(linked), "%.4000s/ring/linked", argv[1]);
  snprintf(pointer, sizeof(pointer), "%.4000s/ring/pointer", argv[1]);
  make_ring();
  if (with_path(IORING_OP_MKDIRAT, AT_FDCWD, folder, 0700, 0)) fail("mkdirat");
  said("mkdirat", folder, NULL);
  place = open(folder, O_PATH);
  // From a descriptor of its folder.
  fd = with_path(IORING_OP_OPENAT, place, "file", 0600, O_RDWR | O_CREAT);
  if (fd < 0) fail("openat");
  said("openat", file, NULL);
  if (with_paths(IORING_OP_RENAMEAT, file, renamed, AT_FDCWD)) fail("renameat");
  said("renameat", file, renamed);
  if (with_paths(IORING_OP_LINKAT, renamed, linked, AT_FDCWD)) fail("linkat");
  said("linkat", renamed, linked);
  entry.opcode = IORING_OP_SYMLINKAT;
  entry.fd = AT_FDCWD;
  entry.addr = (unsigned long)"anywhere";
  entry.addr2 = (unsigned long)pointer;
  if (request(&entry)) fail("symlinkat");
  said("symlinkat", pointer, "anywhere");
  if (with_path(IORING_OP_UNLINKAT, AT_FDCWD, pointer, 0, 0)) fail("unlinkat");
  said("unlinkat", pointer, NULL);
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_CONNECT;
  entry.fd = socket(AF_INET, SOCK_STREAM, 0);
  entry.addr = (unsigned long)&address;
  entry.off = sizeof(address);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  result = request(&entry);
  if (result != -ECONNREFUSED) fail("connect");
  say("io_uring_events",
      "\"pid\": %d, \"action\": \"io_uring_connect\", "
      "\"remote_address\": \"127.0.0.1\", \"remote_port\": 9, \"source\": \"user\"",
      getpid());
  accept_one();
  // What moves data is no row.
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_WRITE;
  entry.fd = fd;
  entry.addr = (unsigned long)"x";
  entry.len = 1;
  if (request(&entry) != 1) fail("write");
  return 0;
}
