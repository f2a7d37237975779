// SPDX-License-Identifier: Apache-2.0
// Ways of code: writable and executable memory, memfds and programs in them, BPF, modules, and
// programs that cannot be started. argv[1]: a folder.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "say.h"

extern char **environ;
static const char *folder;

static void memory(void) {
  const int both = PROT_READ | PROT_WRITE | PROT_EXEC;
  char path[4096];
  void *plain, *at;
  int fd;

  plain = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mmap(NULL, 12288, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) fail("mmap");
  say("memory_events",
      "\"pid\": %d, \"action\": \"mmap\", \"protection\": 7, \"length\": 12288, "
      "\"error\": 0, \"file\": null",
      getpid());
  // One after the other is not both.
  if (mprotect(plain, 4096, PROT_READ | PROT_EXEC)) fail("mprotect");
  if (mprotect(plain, 8192, both)) fail("mprotect");
  say("memory_events",
      "\"pid\": %d, \"action\": \"mprotect\", \"syscall\": \"mprotect\", "
      "\"length\": 8192, \"error\": 0, \"address\": %lu",
      getpid(), (unsigned long)plain);
  if (syscall(SYS_pkey_mprotect, plain, 4096, PROT_WRITE | PROT_EXEC, -1)) fail("pkey_mprotect");
  say("memory_events",
      "\"pid\": %d, \"action\": \"mprotect\", \"syscall\": \"pkey_mprotect\", "
      "\"protection\": 6, \"length\": 4096",
      getpid());
  snprintf(path, sizeof(path), "%s/mapped", folder);
  fd = open(path, O_RDWR | O_CREAT, 0700);
  if (fd < 0 || ftruncate(fd, 4096)) fail("open");
  at = mmap(NULL, 4096, both, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) fail("mmap of a file");
  say("memory_events",
      "\"pid\": %d, \"action\": \"mmap\", \"length\": 4096, \"file\": \"%s\", "
      "\"fd\": %d, \"address\": %lu",
      getpid(), path, fd, (unsigned long)at);
  if (mmap(NULL, 0, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
    fail("mmap of nothing");
  say("memory_events", "\"pid\": %d, \"action\": \"mmap\", \"length\": 0, \"error\": %d", getpid(),
      EINVAL);
}

static void await(pid_t pid, const char *what) {
  int status;

  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) fail(what);
}

static void run_from_memory(void) {
  char *arguments[] = {"in-memory", NOTHING, NULL};
  int fd = syscall(SYS_memfd_create, "weir test", 0);
  pid_t pid;

  if (fd < 0) fail("memfd");
  say("memory_events",
      "\"pid\": %d, \"action\": \"memfd_create\", \"name\": \"weir test\", "
      "\"file\": \"/memfd:weir test\", \"fd\": %d, \"error\": 0",
      getpid(), fd);
  if (syscall(SYS_memfd_create, "bad", 0x800000u) >= 0) fail("bad memfd");
  say("memory_events",
      "\"pid\": %d, \"action\": \"memfd_create\", \"name\": \"bad\", "
      "\"error\": %d, \"file\": null",
      getpid(), EINVAL);
  copy_self(fd, 0700);
  pid = fork();
  if (pid == 0) {
    syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
    _exit(127);
  }
  await(pid, "exec of a memfd");
  say("process_events",
      "\"pid\": %d, \"exe_memfd\": 1, \"exe_deleted\": 1, "
      "\"path\": \"/memfd:weir test\", \"cmdline\": \"in-memory nothing\"",
      pid);
}

static void run_deleted(void) {
  char *arguments[] = {"deleted", NOTHING, NULL};
  char path[4096];
  pid_t pid;
  int fd;

  snprintf(path, sizeof(path), "%s/deleted", folder);
  fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
  if (fd < 0) fail("open");
  copy_self(fd, 0700);
  close(fd);
  fd = open(path, O_PATH);
  if (fd < 0 || unlink(path)) fail("unlink");
  pid = fork();
  if (pid == 0) {
    syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
    _exit(127);
  }
  await(pid, "exec of a deleted file");
  say("process_events", "\"pid\": %d, \"exe_memfd\": 0, \"exe_deleted\": 1, \"path\": \"%s\"", pid,
      path);
  pid = fork();
  if (pid == 0) {
    execl("/proc/self/exe", "named", NOTHING, NULL);
    _exit(127);
  }
  await(pid, "exec");
  say("process_events", "\"pid\": %d, \"exe_memfd\": 0, \"exe_deleted\": 0", pid);
}

static void cannot_start(void) {
  char *arguments[] = {"x", NULL};
  char path[4096];
  int fd, place;

  execl("/nonexistent/program", "x", NULL);
  say("exec_failed_events",
      "\"pid\": %d, \"filename\": \"/nonexistent/program\", \"error\": %d, "
      "\"syscall\": \"execve\"",
      getpid(), ENOENT);
  snprintf(path, sizeof(path), "%s/not-executable", folder);
  fd = open(path, O_WRONLY | O_CREAT, 0600);
  if (fd < 0) fail("open");
  execl(path, "x", NULL);
  say("exec_failed_events", "\"pid\": %d, \"filename\": \"%s\", \"error\": %d", getpid(), path,
      EACCES);
  fchmod(fd, 0700);
  close(fd);
  // From a descriptor of its folder; without anything in it, it is no program.
  place = open(folder, O_PATH);
  syscall(SYS_execveat, place, "not-executable", arguments, environ, 0);
  say("exec_failed_events",
      "\"pid\": %d, \"filename\": \"%s\", \"error\": %d, "
      "\"syscall\": \"execveat\"",
      getpid(), path, ENOEXEC);
}

static void load_bpf(void) {
  struct bpf_insn program[] = {{.code = 0xb7 /* mov r0, 0 */}, {.code = 0x95 /* exit */}};
  const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
  char line[256], tag[64] = "";
  union bpf_attr attributes;
  unsigned id = 0;
  FILE *info;
  int fd;

  // Before 5.11 programs counted as locked memory.
  setrlimit(RLIMIT_MEMLOCK, &no_limit);
  memset(&attributes, 0, sizeof(attributes));
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = (unsigned long)program;
  attributes.insn_cnt = 2;
  attributes.license = (unsigned long)"GPL";
  strcpy(attributes.prog_name, "weir_test");
  fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
  if (fd < 0) fail("bpf");
  snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
  info = fopen(line, "r");
  while (info && fgets(line, sizeof(line), info)) {
    sscanf(line, "prog_tag: %63s", tag);
    sscanf(line, "prog_id: %u", &id);
  }
  say("bpf_load_events",
      "\"pid\": %d, \"type\": \"socket_filter\", \"name\": \"weir_test\", "
      "\"tag\": \"%s\", \"program_id\": %u, \"error\": 0, \"fd\": %d",
      getpid(), tag, id, fd);
  attributes.insn_cnt = 1;
  if (syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)) >= 0) fail("bad program");
  say("bpf_load_events",
      "\"pid\": %d, \"type\": \"socket_filter\", \"name\": \"weir_test\", "
      "\"error\": %d, \"program_id\": null",
      getpid(), EINVAL);
}

// Of kernels without modules nothing is said.
static void load_modules(const char *module) {
  char path[4096];
  int fd;

  snprintf(path, sizeof(path), "%s/not-executable", folder);
  fd = open(path, O_RDONLY);
  if (syscall(SYS_finit_module, fd, "", 0) == 0) fail("bad module");
  if (errno == ENOSYS) return;
  say("module_events",
      "\"pid\": %d, \"action\": \"module_load\", \"module_path\": \"%s\", \"error\": %d, "
      "\"name\": null",
      getpid(), path, errno);
  fd = open(module, O_RDONLY);
  if (fd < 0) return;
  if (syscall(SYS_finit_module, fd, "", 0)) fail("module");
  say("module_events",
      "\"pid\": %d, \"action\": \"module_load\", \"module_path\": \"%s\", \"name\": \"dummy\", "
      "\"syscall\": \"finit_module\", \"error\": 0",
      getpid(), module);
  if (syscall(SYS_delete_module, "dummy", 0)) fail("delete_module");
  say("module_events",
      "\"pid\": %d, \"action\": \"module_unload\", \"name\": \"dummy\", \"error\": 0", getpid());
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  if (strcmp(argv[1], NOTHING) == 0) return 0;
  folder = argv[1];
  memory();
  run_from_memory();
  run_deleted();
  cannot_start();
  load_bpf();
  load_modules("/weir/dummy.ko");
  return 0;
}
