// SPDX-License-Identifier: Apache-2.0
// What a process does to another: ptrace, its memory, signals. The victim is a child of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "say.h"

static volatile long word = 7;

static pid_t start_victim(void) {
  int ready[2];
  char byte;
  pid_t pid;

  if (pipe(ready)) fail("pipe");
  pid = fork();
  if (pid == 0) {
    signal(SIGUSR1, SIG_IGN);
    if (write(ready[1], "", 1) != 1) _exit(1);
    for (;;) pause();
  }
  if (pid < 0 || read(ready[0], &byte, 1) != 1) fail("victim");
  return pid;
}

static void said(const char *action, pid_t victim, const char *more) {
  say("ptrace_events", "\"pid\": %d, \"action\": \"%s\", \"error\": 0, \"target_pid\": %d%s",
      getpid(), action, victim, more);
}

static void trace(pid_t victim) {
  struct user_regs_struct registers;
  int status;

  if (ptrace(PTRACE_ATTACH, victim, 0, 0) || waitpid(victim, &status, 0) < 0) fail("attach");
  said("ptrace_attach", victim, ", \"request\": 16");
  // Looking is no row.
  if (ptrace(PTRACE_PEEKDATA, victim, &word, 0) != 7) fail("peek");
  if (ptrace(PTRACE_POKEDATA, victim, &word, 8L)) fail("poke");
  said("ptrace_poke", victim, "");
  if (ptrace(PTRACE_GETREGS, victim, 0, &registers)) fail("get registers");
  if (ptrace(PTRACE_SETREGS, victim, 0, &registers)) fail("set registers");
  said("ptrace_set_registers", victim, "");
  if (ptrace(PTRACE_DETACH, victim, 0, 0)) fail("detach");
  if (ptrace(PTRACE_SEIZE, victim, 0, 0)) fail("seize");
  said("ptrace_seize", victim, "");
  if (ptrace(PTRACE_INTERRUPT, victim, 0, 0) || waitpid(victim, &status, 0) < 0) fail("interrupt");
  if (ptrace(PTRACE_DETACH, victim, 0, 0)) fail("detach");
  if (ptrace(PTRACE_ATTACH, 4000000, 0, 0) == 0) fail("attach to nobody");
  say("ptrace_events",
      "\"pid\": %d, \"action\": \"ptrace_attach\", \"error\": %d, \"target_pid\": null", getpid(),
      ESRCH);
}

static void be_traced(void) {
  pid_t pid = fork();
  int status;

  if (pid == 0) _exit(ptrace(PTRACE_TRACEME, 0, 0, 0) != 0);
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) fail("traceme");
  say("ptrace_events",
      "\"pid\": %d, \"action\": \"ptrace_traceme\", \"error\": 0, \"target_pid\": %d", pid,
      getpid());
}

static void move_memory(pid_t victim) {
  long value = 9;
  struct iovec own = {&value, sizeof(value)}, its = {(void *)&word, sizeof(word)};

  if (process_vm_writev(victim, &own, 1, &its, 1, 0) != 8) fail("write");
  said("vm_write", victim, ", \"bytes\": 8, \"request\": null");
  value = 0;
  if (process_vm_readv(victim, &own, 1, &its, 1, 0) != 8 || value != 9) fail("read");
  said("vm_read", victim, ", \"bytes\": 8");
  // Its own memory: no row.
  if (process_vm_readv(getpid(), &own, 1, &its, 1, 0) != 8) fail("read own");
}

static void sent(pid_t victim, int number, const char *name, const char *call,
                 const char *outcome) {
  say("signal_events",
      "\"pid\": %d, \"signal\": %d, \"signal_name\": \"%s\", \"syscall\": \"%s\", "
      "\"outcome\": \"%s\", \"error\": 0, \"target_pid\": %d",
      getpid(), number, name, call, outcome, victim);
}

static void send_signals(pid_t victim) {
  siginfo_t info = {};
  int pidfd = syscall(434 /* pidfd_open */, victim, 0);

  // Whether it is there is no signal.
  if (kill(victim, 0)) fail("kill 0");
  if (kill(victim, SIGUSR1)) fail("kill");
  sent(victim, SIGUSR1, "SIGUSR1", "kill", "ignored");
  if (syscall(SYS_tgkill, victim, victim, SIGCONT)) fail("tgkill");
  sent(victim, SIGCONT, "SIGCONT", "tgkill", "ignored");
  if (syscall(SYS_tkill, victim, SIGURG)) fail("tkill");
  sent(victim, SIGURG, "SIGURG", "tkill", "ignored");
  // A code that the kernel itself uses, to look like a timer's.
  info.si_signo = SIGWINCH;
  info.si_code = SI_TIMER;
  if (syscall(SYS_rt_sigqueueinfo, victim, SIGWINCH, &info)) fail("rt_sigqueueinfo");
  sent(victim, SIGWINCH, "SIGWINCH", "rt_sigqueueinfo", "ignored");
  if (pidfd >= 0) {
    if (syscall(424 /* pidfd_send_signal */, pidfd, SIGCHLD, NULL, 0)) fail("pidfd_send_signal");
    sent(victim, SIGCHLD, "SIGCHLD", "pidfd_send_signal", "ignored");
  }
  // To itself: no row.
  signal(SIGUSR2, SIG_IGN);
  if (raise(SIGUSR2)) fail("raise");
  if (kill(4000000, SIGTERM) == 0) fail("kill nobody");
  say("signal_events",
      "\"pid\": %d, \"signal\": 15, \"syscall\": \"kill\", \"error\": %d, "
      "\"outcome\": null, \"target_pid\": null",
      getpid(), ESRCH);
}

// As somebody who may not.
static void be_refused(pid_t victim) {
  pid_t pid = fork();
  int status;

  if (pid == 0) {
    if (syscall(SYS_setuid, 4321)) fail("setuid");
    if (kill(victim, SIGKILL) == 0) fail("kill of root's");
    say("signal_events",
        "\"pid\": %d, \"signal\": 9, \"signal_name\": \"SIGKILL\", \"uid\": 4321, "
        "\"error\": %d, \"target_pid\": %d, \"target_uid\": 0",
        getpid(), EPERM, victim);
    if (ptrace(PTRACE_ATTACH, victim, 0, 0) == 0) fail("attach to root's");
    say("ptrace_events",
        "\"pid\": %d, \"action\": \"ptrace_attach\", \"error\": %d, "
        "\"target_pid\": %d",
        getpid(), EPERM, victim);
    _exit(0);
  }
  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) fail("refusal");
}

// In a pid namespace of its own the victim has another number; the row has the host's.
static int inside(void *unused) {
  int ready[2], status;
  char line[64] = "";
  pid_t victim;
  ssize_t size;

  (void)unused;
  if (pipe(ready)) fail("pipe");
  victim = fork();
  if (victim == 0)
    for (;;) pause();
  // /proc is still the host's: it tells the host's numbers.
  size = readlink("/proc/self", line, sizeof(line) - 1);
  if (size < 0 || kill(victim, SIGKILL) || waitpid(victim, &status, 0) != victim) fail("inside");
  say("signal_events", "\"pid\": %s, \"signal\": 9, \"outcome\": \"delivered\"", line);
  if (kill(victim, SIGTERM) == 0) fail("kill the dead");
  say("signal_events", "\"pid\": %s, \"signal\": 15, \"error\": %d, \"target_pid\": null", line,
      ESRCH);
  return 0;
}

static void in_namespace(void) {
  static char stack[65536];
  int status;
  pid_t pid = clone(inside, stack + sizeof(stack), CLONE_NEWPID | SIGCHLD, NULL);

  if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) fail("namespace");
}

int main(void) {
  int status;
  pid_t victim = start_victim();

  trace(victim);
  be_traced();
  move_memory(victim);
  send_signals(victim);
  be_refused(victim);
  in_namespace();
  if (kill(victim, SIGKILL) || waitpid(victim, &status, 0) < 0) fail("kill");
  sent(victim, SIGKILL, "SIGKILL", "kill", "delivered");
  return 0;
}
