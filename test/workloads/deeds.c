// SPDX-License-Identifier: Apache-2.0
// One deed at a time that a rule is about, by its name in argv[1].
#define _GNU_SOURCE
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long word = 7;

static pid_t start_victim(void) {
  pid_t pid = fork();

  if (pid == 0)
    for (;;) pause();
  return pid;
}

// Gets its rights back by a call that nobody sees, as an exploit would without any.
static int rights(void) {
  int result = -1;

  if (syscall(SYS_setresuid, 0, 4321, 0)) return 1;
#if defined(__x86_64__)
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(208 /* setresuid32 */), "b"(0), "c"(0), "d"(0)
                   : "memory", "r8", "r9", "r10", "r11");
#endif
  return result != 0;
}

static int attach(void) {
  pid_t victim = start_victim();
  int status;

  if (ptrace(PTRACE_ATTACH, victim, 0, 0) || waitpid(victim, &status, 0) < 0) return 1;
  // Ends with its tracer's leave.
  ptrace(PTRACE_DETACH, victim, 0, SIGKILL);
  return waitpid(victim, &status, 0) != victim;
}

static int write_memory(void) {
  long value = 9;
  struct iovec own = {&value, sizeof(value)}, its = {(void *)&word, sizeof(word)};
  pid_t victim = start_victim();
  int status;

  if (process_vm_writev(victim, &own, 1, &its, 1, 0) != sizeof(value)) return 1;
  kill(victim, SIGKILL);
  return waitpid(victim, &status, 0) != victim;
}

static int map_code(void) {
  const int all = PROT_READ | PROT_WRITE | PROT_EXEC;

  return mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int load_bpf(void) {
  struct bpf_insn program[] = {{.code = 0xb7 /* mov r0, 0 */}, {.code = 0x95 /* exit */}};
  const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
  union bpf_attr attributes;

  setrlimit(RLIMIT_MEMLOCK, &no_limit);
  memset(&attributes, 0, sizeof(attributes));
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = (unsigned long)program;
  attributes.insn_cnt = 2;
  attributes.license = (unsigned long)"GPL";
  return syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)) < 0;
}

static int make_ring(void) {
  struct io_uring_params parameters;

  memset(&parameters, 0, sizeof(parameters));
  return syscall(SYS_io_uring_setup, 4, &parameters) < 0;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*way)(void);
  } deeds[] = {{"rights", rights}, {"attach", attach}, {"write", write_memory},
               {"code", map_code}, {"bpf", load_bpf},  {"ring", make_ring}};

  for (unsigned i = 0; argc == 2 && i < sizeof(deeds) / sizeof(*deeds); i++) {
    if (strcmp(argv[1], deeds[i].name) == 0) return deeds[i].way();
  }
  return 64;
}
