// Makes two audit records: a login that a program tells of, and a call that a seccomp filter kills.
// Audit is on meanwhile, since the kernel throws both away while it is off; at the end as before.
//   audit_say TEXT
// Prints the pid that the filter killed.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER_LOGIN 1112  // of libaudit: the kernel knows only the range

static int audit;

static void die(const char *what) {
  perror(what);
  exit(1);
}

// Sends a message; the kernel's answer is an acknowledgement, or for AUDIT_GET the status first.
static void ask(int type, const void *body, size_t size, struct audit_status *status) {
  char message[1024] = {0};
  struct nlmsghdr *header = (struct nlmsghdr *)message;
  header->nlmsg_len = NLMSG_LENGTH(size);
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  header->nlmsg_seq = 1;
  memcpy(NLMSG_DATA(header), body, size);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(audit, message, header->nlmsg_len, 0, (void *)&kernel, sizeof kernel) < 0) {
    die("sendto");
  }
  for (;;) {
    char answer[8192];
    if (recv(audit, answer, sizeof answer, 0) < 0) die("recv");
    struct nlmsghdr *got = (struct nlmsghdr *)answer;
    if (got->nlmsg_type == AUDIT_GET && status) memcpy(status, NLMSG_DATA(got), sizeof *status);
    if (got->nlmsg_type != NLMSG_ERROR) continue;
    errno = -((struct nlmsgerr *)NLMSG_DATA(got))->error;
    if (errno) die("audit");
    return;
  }
}

static void set_enabled(unsigned enabled) {
  struct audit_status status = {.mask = AUDIT_STATUS_ENABLED, .enabled = enabled};
  ask(AUDIT_SET, &status, sizeof status, NULL);
}

static pid_t be_killed(void) {
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child > 0) {
    waitpid(child, NULL, 0);
    return child;
  }
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // no core file
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) die("seccomp");
  syscall(__NR_getppid);
  _exit(1);
}

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  audit = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  if (audit < 0) die("socket");
  struct audit_status before = {0};
  ask(AUDIT_GET, "", 0, &before);
  if (before.enabled == 0) set_enabled(1);
  ask(USER_LOGIN, argv[1], strlen(argv[1]) + 1, NULL);
  const pid_t killed = be_killed();
  if (before.enabled == 0) set_enabled(0);
  printf("%d\n", killed);
  return 0;
}
