// SPDX-License-Identifier: Apache-2.0
// other_ways FOLDER: creates, renames and removes a file by ways that pass no tracepoint of the
// usual system calls: 32-bit calls (int 0x80), io_uring, and a handle instead of a name. Prints as
// JSON which of them this kernel allowed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// 32-bit calls take 32-bit addresses; this program is static, so its data lie low.
static char ia32_made[128], ia32_moved[128];

#if defined(__x86_64__)
static long Call32(long number, long first, long second, long third) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(first), "c"(second), "d"(third)
                   : "memory", "r8", "r9", "r10", "r11");
  return (int)result;
}
#else
static long Call32(long number, long first, long second, long third) {
  (void)number, (void)first, (void)second, (void)third;
  return -ENOSYS;
}
#endif

static int Ia32(void) {
  const long fd = Call32(5 /* open */, (long)ia32_made, O_CREAT | O_WRONLY | O_EXCL, 0600);
  if (fd < 0) return 0;
  Call32(6 /* close */, fd, 0, 0);
  if (Call32(38 /* rename */, (long)ia32_made, (long)ia32_moved, 0) != 0) return 0;
  return Call32(10 /* unlink */, (long)ia32_moved, 0, 0) == 0;
}

struct ring {
  int fd;
  unsigned submitted;
  unsigned *tail, *array, *mask;
  struct io_uring_sqe* entries;
};

static int Open(struct ring* ring) {
  struct io_uring_params p;
  memset(&p, 0, sizeof(p));
  memset(ring, 0, sizeof(*ring));
  ring->fd = (int)syscall(__NR_io_uring_setup, 4, &p);
  if (ring->fd < 0) return 0;
  char* queue = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
  ring->entries = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
  if (queue == MAP_FAILED || ring->entries == MAP_FAILED) return 0;
  ring->tail = (unsigned*)(queue + p.sq_off.tail);
  ring->mask = (unsigned*)(queue + p.sq_off.ring_mask);
  ring->array = (unsigned*)(queue + p.sq_off.array);
  return 1;
}

// Without looking at the result: what happened is seen in the folder.
static void Submit(struct ring* ring, const struct io_uring_sqe* entry) {
  const unsigned at = *ring->tail & *ring->mask;
  ring->entries[at] = *entry;
  ring->array[at] = at;
  __atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
  // Nobody takes the completions, so their number is what to wait for.
  syscall(__NR_io_uring_enter, ring->fd, 1, ++ring->submitted, IORING_ENTER_GETEVENTS, NULL, 0);
}

static int Ring(const char* made, const char* moved) {
  struct ring ring;
  struct io_uring_sqe entry;
  if (!Open(&ring)) return 0;
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_OPENAT;
  entry.fd = AT_FDCWD;
  entry.addr = (uintptr_t)made;
  entry.open_flags = O_CREAT | O_WRONLY | O_EXCL;
  entry.len = 0600;
  Submit(&ring, &entry);
  if (access(made, F_OK) != 0) return 0;
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_RENAMEAT;
  entry.fd = AT_FDCWD;
  entry.addr = (uintptr_t)made;
  entry.len = (unsigned)AT_FDCWD;
  entry.addr2 = (uintptr_t)moved;
  Submit(&ring, &entry);
  if (access(moved, F_OK) != 0) {
    unlink(made);
    return 1;  // opens came with 5.6, renames with 5.11
  }
  memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_UNLINKAT;
  entry.fd = AT_FDCWD;
  entry.addr = (uintptr_t)moved;
  Submit(&ring, &entry);
  return access(moved, F_OK) != 0 ? 2 : 1;
}

static int Handle(const char* folder, const char* name) {
  struct {
    struct file_handle handle;
    unsigned char space[128];
  } place = {.handle = {.handle_bytes = 128}};
  int mount;
  const int where = open(folder, O_DIRECTORY | O_RDONLY);
  const int made = open(name, O_CREAT | O_WRONLY | O_EXCL, 0600);
  int done = 0;
  if (where >= 0 && made >= 0 && name_to_handle_at(AT_FDCWD, name, &place.handle, &mount, 0) == 0) {
    const int fd = open_by_handle_at(where, &place.handle, O_WRONLY);
    done = fd >= 0;
    if (fd >= 0) close(fd);
  }
  close(made);
  unlink(name);
  return done;
}

int main(int argc, char** argv) {
  char ring_made[128], ring_moved[128], by_handle[128];
  if (argc != 2) return 64;
  snprintf(ia32_made, sizeof(ia32_made), "%s/ia32", argv[1]);
  snprintf(ia32_moved, sizeof(ia32_moved), "%s/ia32-moved", argv[1]);
  snprintf(ring_made, sizeof(ring_made), "%s/ring", argv[1]);
  snprintf(ring_moved, sizeof(ring_moved), "%s/ring-moved", argv[1]);
  snprintf(by_handle, sizeof(by_handle), "%s/handle", argv[1]);
  const int ia32 = Ia32();
  const int ring = Ring(ring_made, ring_moved);
  const int handle = Handle(argv[1], by_handle);
  printf("{\"pid\": %d, \"ia32\": %d, \"ring\": %d, \"handle\": %d}\n", getpid(), ia32, ring,
         handle);
  return 0;
}
