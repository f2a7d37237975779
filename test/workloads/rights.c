// SPDX-License-Identifier: Apache-2.0
// Changes of credentials and namespaces, each in a process of its own. argv[1]: a folder.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "say.h"

static const char *folder;

static void run(void (*way)(void)) {
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    way();
    _exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) fail("a way");
}

static void drop_user(void) {
  if (setgroups(0, NULL)) fail("setgroups");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setgroups\", "
      "\"error\": 0, \"old_uid\": 0, \"uid\": 0",
      getpid());
  if (syscall(SYS_setresgid, 1234, 1234, 1234)) fail("setresgid");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setresgid\", "
      "\"error\": 0, \"old_gid\": 0, \"gid\": 1234, \"egid\": 1234, \"old_uid\": 0",
      getpid());
  // Nothing changes: no row.
  if (syscall(SYS_setresgid, 1234, 1234, 1234)) fail("setresgid");
  if (syscall(SYS_setuid, 4321)) fail("setuid");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setuid\", "
      "\"error\": 0, \"old_uid\": 0, \"uid\": 4321, \"old_euid\": 0, \"euid\": 4321, "
      "\"capabilities\": 0",
      getpid());
  if (syscall(SYS_setuid, 0) == 0) fail("setuid 0");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setuid\", "
      "\"error\": %d, \"old_uid\": 4321, \"uid\": 4321",
      getpid(), EPERM);
}

// Effective user for a while, and back: what comes back is gained.
static void change_effective(void) {
  if (syscall(SYS_setresuid, -1, 4321, -1)) fail("setresuid");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setresuid\", "
      "\"error\": 0, \"old_euid\": 0, \"euid\": 4321, \"uid\": 0, \"gained\": null",
      getpid());
  if (syscall(SYS_setreuid, -1, 0)) fail("setreuid");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setreuid\", "
      "\"error\": 0, \"old_euid\": 4321, \"euid\": 0, \"gained\": \"*CAP_SYS_ADMIN*\"",
      getpid());
}

static void lose_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {};

  data[0].permitted = data[0].effective = 1u << CAP_KILL;
  if (syscall(SYS_capset, &header, data)) fail("capset");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"capset\", "
      "\"error\": 0, \"capabilities\": %u, \"permitted\": %u, \"uid\": 0",
      getpid(), 1u << CAP_KILL, 1u << CAP_KILL);
}

static void file_system_user(void) {
  syscall(SYS_setfsuid, 4321);
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_set\", \"syscall\": \"setfsuid\", "
      "\"error\": 0, \"old_fsuid\": 0, \"fsuid\": 4321, \"uid\": 0",
      getpid());
}

// A setuid program: who starts it gets its owner's rights by the exec.
static void start_setuid_program(void) {
  char program[4096];

  snprintf(program, sizeof(program), "%s/setuid", folder);
  if (syscall(SYS_setuid, 4321)) fail("setuid");
  say("credential_events", "\"pid\": %d, \"syscall\": \"setuid\", \"uid\": 4321", getpid());
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_exec\", \"syscall\": \"execve\", "
      "\"old_uid\": 4321, \"uid\": 4321, \"old_euid\": 4321, \"euid\": 0, \"path\": \"%s\", "
      "\"gained\": \"*CAP_SYS_ADMIN*\"",
      getpid(), program);
  execl(program, "setuid", NOTHING, NULL);
  fail("setuid program");
}

#if defined(__x86_64__)
// Credentials that change without a call that is seen, as after an exploit: a 64-bit program makes
// a 32-bit call.
static void change_unseen(void) {
  int result;

  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(208 /* setresuid32 */), "b"(0), "c"(4321), "d"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  if (result || geteuid() != 4321) fail("a 32-bit call");
  say("credential_events",
      "\"pid\": %d, \"action\": \"credentials_unexplained\", \"syscall\": null, \"error\": 0, "
      "\"old_euid\": 0, \"euid\": 4321, \"uid\": 0",
      getpid());
}
#endif

static void unshare_some(void) {
  if (unshare(CLONE_NEWUTS | CLONE_NEWIPC)) fail("unshare");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"unshare\", \"namespaces\": \"uts,ipc\", "
      "\"error\": 0, \"flags\": %d",
      getpid(), CLONE_NEWUTS | CLONE_NEWIPC);
  // No namespace: no row.
  if (unshare(CLONE_FILES)) fail("unshare files");
}

static void unshare_user(void) {
  struct stat after;

  if (unshare(CLONE_NEWUSER) || stat("/proc/self/ns/user", &after)) fail("unshare user");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"unshare\", \"namespaces\": \"user\", \"error\": 0, "
      "\"new_user_ns\": %lu",
      getpid(), (unsigned long)after.st_ino);
}

static void refused(void) {
  if (syscall(SYS_setuid, 4321)) fail("setuid");
  say("credential_events", "\"pid\": %d, \"syscall\": \"setuid\", \"uid\": 4321", getpid());
  if (unshare(CLONE_NEWNET) == 0) fail("unshare as a user");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"unshare\", \"namespaces\": \"net\", "
      "\"error\": %d",
      getpid(), EPERM);
}

static void set_ns(void) {
  int fd = open("/proc/self/ns/uts", O_RDONLY);

  if (fd < 0 || setns(fd, CLONE_NEWUTS)) fail("setns");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"setns\", \"namespaces\": \"uts\", \"error\": 0, "
      "\"fd\": %d",
      getpid(), fd);
}

static int child(void *unused) {
  (void)unused;
  return 0;
}

static void clone_some(void) {
  static char stack[65536];
  int status;
  pid_t pid = clone(child, stack + sizeof(stack), CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL);

  if (pid < 0 || waitpid(pid, &status, 0) < 0) fail("clone");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"clone\", \"namespaces\": \"mnt,pid\", "
      "\"error\": 0, \"child_pid\": %d",
      getpid(), pid);
}

static void change_root(void) {
  if (chroot(folder)) fail("chroot");
  say("namespace_events",
      "\"pid\": %d, \"action\": \"chroot\", \"root\": \"%s\", \"error\": 0, "
      "\"namespaces\": null",
      getpid(), folder);
}

int main(int argc, char **argv) {
  char program[4096];

  if (argc != 2) return 64;
  if (strcmp(argv[1], NOTHING) == 0) return 0;
  folder = argv[1];
  snprintf(program, sizeof(program), "%s/setuid", folder);
  int fd = open(program, O_WRONLY | O_CREAT, 0700);
  copy_self(fd, 04755);
  close(fd);
  run(drop_user);
  run(change_effective);
  run(lose_capabilities);
  run(file_system_user);
  run(start_setuid_program);
#if defined(__x86_64__)
  run(change_unseen);
#endif
  run(unshare_some);
  run(unshare_user);
  run(refused);
  run(set_ns);
  run(clone_some);
  run(change_root);
  return 0;
}
