// SPDX-License-Identifier: Apache-2.0
// One deed at a time that a rule is about: its name is argv[1], what it needs comes after.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
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

static int read_memory(void) {
  long value = 0;
  struct iovec own = {&value, sizeof(value)}, its = {(void *)&word, sizeof(word)};
  pid_t victim = start_victim();
  int status;

  if (process_vm_readv(victim, &own, 1, &its, 1, 0) != sizeof(value) || value != 7) return 1;
  kill(victim, SIGKILL);
  return waitpid(victim, &status, 0) != victim;
}

static int poke(void) {
  pid_t victim = start_victim();
  int status;

  if (ptrace(PTRACE_ATTACH, victim, 0, 0) || waitpid(victim, &status, 0) < 0) return 1;
  if (ptrace(PTRACE_POKEDATA, victim, (void *)&word, 9)) return 1;
  ptrace(PTRACE_DETACH, victim, 0, SIGKILL);
  return waitpid(victim, &status, 0) != victim;
}

// Both are no modules, so the kernel refuses them.
static int load_module(char **arguments) {
  int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);

  return fd < 0 || syscall(SYS_finit_module, fd, "", 0) == 0;
}

static int load_module_from_memory(void) {
  char junk[64] = {0};

  return syscall(SYS_init_module, junk, sizeof(junk), "") == 0;
}

static int make_memory_file(void) { return memfd_create("deed", MFD_CLOEXEC) < 0; }

static int create_setuid(char **arguments) {
  umask(0);
  return open(arguments[0], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 04755) < 0;
}

// No loader maps it: it is read by the interpreter that it names, through the descriptor.
static int run_script_in_memory(void) {
  static const char text[] = "#!/bin/sh\n";
  char *arguments[] = {"script", 0};
  int fd = memfd_create("deed", 0);

  if (fd < 0 || write(fd, text, sizeof(text) - 1) != sizeof(text) - 1) return 1;
  fexecve(fd, arguments, environ);
  return 1;
}

// FILE ATTRIBUTE: cap_net_raw, permitted.
static int give_capability(char **arguments) {
  const struct vfs_cap_data value = {.magic_etc = VFS_CAP_REVISION_2,
                                     .data = {{1 << CAP_NET_RAW, 0}}};

  return setxattr(arguments[0], arguments[1], &value, sizeof(value), 0) != 0;
}

static int remove_self(void) {
  char path[4096];
  ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

  if (length < 0) return 1;
  path[length] = 0;
  return unlink(path) != 0;
}

// Without even a name; since Linux 5.18 the kernel puts an empty one there.
static int exec_without_arguments(char **arguments) {
  char *none[] = {NULL};

  return execve(arguments[0], none, none);
}

// In a network namespace of its own everything is down at first.
static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

static struct sockaddr_in address_of(const char *text, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

  inet_pton(AF_INET, text, &address.sin_addr);
  return address;
}

static int listen_at(const char *text, int port) {
  struct sockaddr_in address = address_of(text, port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1)) return -1;
  return fd;
}

static int try_connect(const char *text, int port) {
  struct sockaddr_in address = address_of(text, port);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) return fd;
  close(fd);
  return -1;
}

static int listens(char **arguments) {
  raise_loopback();
  return listen_at(arguments[0], atoi(arguments[1])) < 0;
}

// Whether anybody answers does not matter.
static int connects(char **arguments) {
  raise_loopback();
  try_connect(arguments[0], atoi(arguments[1]));
  return 0;
}

static int scan_ports(char **arguments) {
  raise_loopback();
  for (int i = 0; i < atoi(arguments[0]); i++) try_connect("127.0.0.1", 2000 + i);
  return 0;
}

static int scan_hosts(char **arguments) {
  for (int i = 0; i < atoi(arguments[0]); i++) {
    char text[32];

    snprintf(text, sizeof(text), "192.0.2.%d", i + 1);
    try_connect(text, 22);
  }
  return 0;
}

static int connect_unix(char **arguments) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  snprintf(address.sun_path, sizeof(address.sun_path), "%s", arguments[0]);
  if (bind(server, (struct sockaddr *)&address, sizeof(address)) || listen(server, 1)) return 1;
  return connect(client, (struct sockaddr *)&address, sizeof(address));
}

static int shell_after_connect(char **arguments) {
  raise_loopback();
  if (listen_at("127.0.0.1", 4444) < 0 || try_connect("127.0.0.1", 4444) < 0) return 1;
  // The shell's input is at its end.
  return execv("/bin/sh", arguments);
}

static int shell_child_after_connect(char **arguments) {
  pid_t child;
  int status;

  raise_loopback();
  if (listen_at("127.0.0.1", 4444) < 0 || try_connect("127.0.0.1", 4444) < 0) return 1;
  child = fork();
  if (child == 0) _exit(execv("/bin/sh", arguments));
  return waitpid(child, &status, 0) != child;
}

// The child takes what the parent sends over a connection to itself.
static int send_much(char **arguments) {
  static char buffer[1 << 20];
  int server, status, client;
  pid_t child;

  raise_loopback();
  server = listen_at("127.0.0.1", 4445);
  client = try_connect("127.0.0.1", 4445);
  if (server < 0 || client < 0) return 1;
  child = fork();
  if (child == 0) {
    int other = accept(server, NULL, NULL);

    close(client);
    while (read(other, buffer, sizeof(buffer)) > 0) continue;
    _exit(0);
  }
  for (int i = 0; i < atoi(arguments[0]); i++) {
    if (write(client, buffer, sizeof(buffer)) < 0) return 1;
  }
  close(client);
  return waitpid(child, &status, 0) != child;
}

static size_t put_question(unsigned char *packet, const char *name, int type) {
  unsigned char *at = packet + 12;

  memset(packet, 0, 12);
  packet[1] = 7;  // id
  packet[2] = 1;  // recursion desired
  packet[5] = 1;  // one question
  while (*name) {
    size_t length = strcspn(name, ".");

    *at++ = length;
    memcpy(at, name, length);
    at += length;
    name += length + (name[length] == '.');
  }
  *at++ = 0;
  *at++ = type >> 8;
  *at++ = type;
  *at++ = 0;
  *at++ = 1;
  return at - packet;
}

// dns NAME TYPE COUNT: with a count each question has its number before the name, and is answered
// that there is no such name.
static int ask_dns(char **arguments) {
  struct sockaddr_in server = address_of("127.0.0.1", 53), asker;
  int count = arguments[2] ? atoi(arguments[2]) : 0;
  int own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int its = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  unsigned char packet[600];

  raise_loopback();
  if (bind(its, (struct sockaddr *)&server, sizeof(server))) return 1;
  for (int i = 0; i < (count ? count : 1); i++) {
    char name[400];
    socklen_t length = sizeof(asker);
    ssize_t size;

    if (count)
      snprintf(name, sizeof(name), "n%d.%s", i, arguments[0]);
    else
      snprintf(name, sizeof(name), "%s", arguments[0]);
    size = put_question(packet, name, atoi(arguments[1]));
    if (sendto(own, packet, size, 0, (struct sockaddr *)&server, sizeof(server)) != size) return 1;
    size = recvfrom(its, packet, sizeof(packet), 0, (struct sockaddr *)&asker, &length);
    if (size < 12) return 1;
    packet[2] |= 0x80;
    packet[3] = 3;  // no such name
    if (sendto(its, packet, size, 0, (struct sockaddr *)&asker, length) != size) return 1;
    if (read(own, packet, sizeof(packet)) != size) return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*way)(void);
    int (*with)(char **arguments);
    int needs;
  } deeds[] = {{"rights", rights, 0, 0},
               {"attach", attach, 0, 0},
               {"poke", poke, 0, 0},
               {"read", read_memory, 0, 0},
               {"write", write_memory, 0, 0},
               {"code", map_code, 0, 0},
               {"bpf", load_bpf, 0, 0},
               {"ring", make_ring, 0, 0},
               {"memfd", make_memory_file, 0, 0},
               {"script-memory", run_script_in_memory, 0, 0},
               {"capability", 0, give_capability, 2},
               {"remove-self", remove_self, 0, 0},
               {"module-memory", load_module_from_memory, 0, 0},
               {"module", 0, load_module, 1},
               {"setuid-file", 0, create_setuid, 1},
               {"exec-bare", 0, exec_without_arguments, 1},
               {"listen", 0, listens, 2},
               {"connect", 0, connects, 2},
               {"scan-ports", 0, scan_ports, 1},
               {"scan-hosts", 0, scan_hosts, 1},
               {"unix", 0, connect_unix, 1},
               {"shell", 0, shell_after_connect, 1},
               {"shell-child", 0, shell_child_after_connect, 1},
               {"send", 0, send_much, 1},
               {"dns", 0, ask_dns, 2}};

  for (unsigned i = 0; argc > 1 && i < sizeof(deeds) / sizeof(*deeds); i++) {
    if (strcmp(argv[1], deeds[i].name) != 0 || argc - 2 < deeds[i].needs) continue;
    return deeds[i].way ? deeds[i].way() : deeds[i].with(argv + 2);
  }
  return 64;
}
