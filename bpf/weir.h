/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The only contract between the kernel programs in bpf/ and the sensor in addon/sensor/.
 *
 * Every record in a ring is one struct below, naturally aligned (packed structs turn into byte
 * stores), followed by up to WEIR_STRINGS byte strings without terminators, in the order that the
 * struct's comment names. header.string_length[i] is the length of string i; 0 means absent.
 * Paths may hold any byte but NUL. argv is the raw argument area: arguments end in NUL.
 */
#ifndef WEIR_H
#define WEIR_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define WEIR_STRINGS 5
#define WEIR_PATH_MAX 4096
#define WEIR_ARGV_MAX 32768
#define WEIR_COMM_LEN 16
#define WEIR_TTY_LEN 16
#define WEIR_UNIX_PATH_LEN 108

/* Event classes. Loss is counted per class; each class is one stored table. */
enum weir_class {
	WEIR_CLASS_PROCESS = 0, /* exec */
	WEIR_CLASS_LIFECYCLE = 1, /* fork, exit */
	WEIR_CLASS_SOCKET = 2,
	WEIR_CLASS_FILE = 3,
	WEIR_CLASS_SEEN = 4, /* process_seen: made by the sensor, never by the kernel */
	WEIR_CLASS_KERNEL = 5, /* what changes a process's rights, reach or the kernel itself */
	WEIR_CLASS_DNS = 6, /* what crosses port 53 */
	WEIR_CLASS_BEHAVIOR = 7, /* verdicts on what the classes above count */
	WEIR_CLASSES = 8,
};

enum weir_type {
	WEIR_EXEC = 1,
	WEIR_FORK = 2,
	WEIR_EXIT = 3,
	WEIR_TASK = 4, /* from the task iterator, through its seq_file: a struct weir_exec_event */

	WEIR_CONNECT = 16, /* first sight of a connect; result may be -EINPROGRESS */
	WEIR_CONNECT_RESULT = 17, /* outcome of a connect that was in progress; same op_id */
	WEIR_ACCEPT = 18,
	WEIR_BIND = 19,
	WEIR_LISTEN = 20,
	WEIR_SEND = 21, /* datagram send to (socket, remote); repeats are counted, see count */
	WEIR_CLOSE = 22, /* a TCP connection ended; the header says who opened it */

	WEIR_CREATE = 32, /* open that created the file */
	WEIR_OPEN_WRITE = 33,
	WEIR_OPEN_READ = 34, /* only for configured paths */
	WEIR_CLOSE_WRITE = 35, /* last close of a file that was open for writing */
	WEIR_RENAME = 36,
	WEIR_UNLINK = 37,
	WEIR_LINK = 38,
	WEIR_SYMLINK = 39,
	WEIR_MKDIR = 40,
	WEIR_RMDIR = 41,
	WEIR_CHMOD = 42,
	WEIR_CHOWN = 43,
	WEIR_TRUNCATE = 44,
	WEIR_MKNOD = 45,
	WEIR_MMAP_WRITE = 46, /* mapped shared and writable: what is stored then, nobody sees */
	WEIR_ATTRIBUTES = 63, /* fanotify: mode, owner, times or xattr; it does not say which */

	/* Class kernel, each a struct weir_kernel_event; `number` says more. */
	WEIR_EXEC_FAILED = 64,
	WEIR_CREDENTIALS = 65, /* number: enum weir_credential_change */
	WEIR_PTRACE = 66, /* number: the request */
	WEIR_VM = 67, /* process_vm_readv, process_vm_writev; length: bytes moved */
	WEIR_MODULE = 68, /* number: 1 loaded, 0 unloaded */
	WEIR_BPF_LOAD = 69, /* number: type of the program */
	WEIR_MOUNT = 70, /* number: enum weir_mount_change; flags: of the call */
	WEIR_NAMESPACE = 71, /* number: enum weir_namespace_change; flags: CLONE_NEW* */
	WEIR_SIGNAL = 72, /* number: the signal */
	WEIR_MEMORY = 73, /* memory that is writable and executable; number: PROT_* */
	WEIR_MEMFD = 74,
	WEIR_RING_CREATE = 75, /* io_uring; length: entries */
	WEIR_RING_REQUEST = 76, /* number: IORING_OP_* */

	WEIR_DNS_SENT = 96, /* a packet to port 53 */
	WEIR_DNS_RECEIVED = 97, /* one from port 53, for a socket that has sent one there */

	WEIR_VERDICT = 112, /* a counter of behaviour crossed its threshold */
};

enum weir_credential_change {
	WEIR_CREDENTIALS_CALL = 1, /* set*id, setgroups, capset */
	WEIR_CREDENTIALS_EXEC = 2, /* a setuid or setgid file, or one with capabilities */
	WEIR_CREDENTIALS_UNEXPLAINED = 3, /* they differ from before, and no call changed them */
};

enum weir_mount_change {
	WEIR_MOUNT_MOUNT = 1,
	WEIR_MOUNT_UMOUNT = 2,
	WEIR_MOUNT_PIVOT_ROOT = 3,
	WEIR_MOUNT_MOVE = 4,
	WEIR_MOUNT_SETATTR = 5,
	WEIR_MOUNT_OPEN_TREE = 6,
	WEIR_MOUNT_FSMOUNT = 7,
};

enum weir_namespace_change {
	WEIR_NAMESPACE_UNSHARE = 1,
	WEIR_NAMESPACE_SETNS = 2,
	WEIR_NAMESPACE_CLONE = 3, /* the target is the child */
	WEIR_NAMESPACE_CHROOT = 4,
};

/* header.flags */
#define WEIR_F_TRUNCATED(i) (1u << (i)) /* string i was cut; of a path the tail is kept */
#define WEIR_F_USER(i) (1u << (8 + (i))) /* string i was read from the caller's memory */
/* User memory could not be read (page not present): of strings with WEIR_F_TRUNCATED nothing is there */
#define WEIR_F_FAULT (1u << 16)
#define WEIR_F_THREAD (1u << 17) /* EXEC: called by a thread that was not the leader */
#define WEIR_F_EXCHANGE (1u << 18) /* RENAME: one of the two rows of RENAME_EXCHANGE */
#define WEIR_F_DELETED (1u << 19) /* the file has no name any more (nlink 0) */
#define WEIR_F_ADDRESS_USER (1u << 20) /* socket address was read from the caller's memory */
#define WEIR_F_COMPAT (1u << 21) /* 32-bit system call */

/* What identifies who did it. All times are nanoseconds of CLOCK_BOOTTIME. */
struct weir_header {
	__u16 type; /* enum weir_type */
	__u16 cpu;
	__u32 flags;
	__u64 time;
	__u64 op_id; /* 0: the operation has only this record */
	__u64 start_time; /* group leader's start_boottime */
	__u64 cgroup_id; /* cgroup2 (default hierarchy) id */
	__u32 pid; /* tgid, initial pid namespace */
	__u32 tid;
	__u32 self_exec_id; /* task->self_exec_id: changes at every exec */
	__u32 mnt_ns;
	/* In the order of struct cred, which is read as one piece. */
	__u32 uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
	__u32 auid; /* loginuid; 4294967295: none */
	__u32 count; /* how many equal events this record stands for, >= 1 */
	char comm[WEIR_COMM_LEN];
	__u16 string_length[WEIR_STRINGS];
	__u16 syscall; /* system call number, native numbering; 0xffff: none */
	__u32 pad;
};

/* EXEC and TASK. Strings: exe path, cwd, filename as asked, interpreter, argv. */
struct weir_exec_event {
	struct weir_header h;
	__u64 parent_start_time; /* of real_parent's group leader */
	__u64 exe_dev; /* kernel's dev_t: major << 20 | minor */
	__u64 exe_ino;
	__u64 exe_size;
	__s64 exe_atime, exe_mtime, exe_ctime; /* seconds */
	__u32 exe_mode, exe_uid, exe_gid;
	__u32 exe_nlink;
	__u32 parent_pid;
	__u32 parent_self_exec_id;
	__u32 pgid, sid; /* initial pid namespace */
	__u32 ns_pid; /* pid as the process sees it */
	__u32 pid_ns, net_ns, user_ns, uts_ns, cgroup_ns;
	__u32 argv_size; /* bytes of the argument area, before truncation */
	__u32 env_size; /* bytes of the environment */
	char tty[WEIR_TTY_LEN];
};

/*
 * Of every thread, from the iterator of tasks.bpf.c; nothing else of a sensor's. Of a leader names
 * of its cgroup in the hierarchy that /proc/PID/cgroup shows first follow, innermost first, each
 * ended by a zero byte, then an empty one, then a byte that is 1 when some are missing.
 */
struct weir_task_fact {
	__u32 pid; /* tgid, initial pid namespace, as all numbers here */
	__u32 tid;
	__u64 utime, stime, exec_runtime; /* ns, as task_struct counts them */
	__u64 read_bytes, write_bytes, cancelled_write_bytes;
	/* Of a leader; else 0. */
	__u64 start_time; /* start_boottime, ns */
	__u64 total_pages, resident_pages;
	/* Of threads that have ended, and what was last shown: times never go back. */
	__u64 group_utime, group_stime, group_exec_runtime;
	__u64 shown_utime, shown_stime;
	__u64 group_read_bytes, group_write_bytes, group_cancelled_write_bytes;
	/* Addresses of mount and entry: identity of root and working directory; 0: none any more. */
	__u64 root[2], cwd[2];
	__u32 parent_pid;
	__u32 pgid;
	__u32 threads;
	__u32 state, exit_state; /* as in task_struct */
	__s32 nice;
	__u32 uid, gid, suid, sgid, euid, egid;
	__u32 has_memory;
	__u32 is_kernel_thread;
	char comm[WEIR_COMM_LEN];
};

/* FORK: the header describes the child. No strings. */
struct weir_fork_event {
	struct weir_header h;
	__u64 parent_start_time;
	__u64 clone_flags;
	__u32 parent_pid; /* real_parent's tgid (CLONE_PARENT makes it differ from the creator) */
	__u32 parent_self_exec_id;
	__u32 creator_pid;
	__u32 ns_pid;
	__u32 pid_ns;
	__u32 pad;
	__u64 creator_start_time;
};

/* EXIT of a whole process. No strings. */
struct weir_exit_event {
	struct weir_header h;
	__u32 exit_code; /* as wait(2) gives it: status << 8 | signal */
	__u32 parent_pid;
	__u64 parent_start_time;
};

/* Addresses are in network order; IPv4 (and IPv4-mapped) uses the first 4 bytes.
 * Strings, for AF_UNIX only: local path, remote path; abstract names keep their leading NUL. */
struct weir_socket_event {
	struct weir_header h;
	__u64 sock; /* address of struct sock: identity only */
	__u64 inode; /* socket inode, as in /proc/PID/fd */
	__u8 local_address[16];
	__u8 remote_address[16];
	__u16 local_port; /* host order */
	__u16 remote_port;
	__u16 family; /* AF_INET for IPv4-mapped too */
	__u16 protocol; /* IPPROTO_* */
	__u16 socket_type; /* SOCK_STREAM ... */
	__u16 backlog; /* LISTEN */
	__s32 fd;
	__s32 result; /* 0 or -errno */
	__u32 net_ns;
	__u32 peer_pid; /* AF_UNIX stream: pid of the other end; 0 unknown */
	__u32 bytes; /* SEND: bytes of the first datagram */
	__u32 pad;
	/* CLOSE: payload, each byte once; ns since connect or accept. */
	__u64 bytes_sent, bytes_received, duration;
};

/* Strings: path, destination (RENAME, LINK: new name; SYMLINK: what it points to). */
struct weir_file_event {
	struct weir_header h;
	__u64 file; /* address of struct file: identity of the open; 0 without one */
	__u64 dev; /* kernel's dev_t */
	__u64 ino;
	__u64 size;
	__s64 atime, mtime, ctime; /* seconds */
	__u32 mode; /* after the operation */
	__u32 owner_uid, owner_gid;
	__u32 nlink;
	__u32 open_flags; /* O_* of the file */
	__s32 fd;
	__u32 requested; /* CHMOD: mode; RENAME: flags */
	__u32 pad;
};

/* Credentials as they were: in the order of struct cred, then what it may do. */
struct weir_credentials {
	__u32 ids[8]; /* uid, gid, suid, sgid, euid, egid, fsuid, fsgid */
	__u64 effective, permitted; /* capabilities */
	__u32 user_ns;
	__u32 known; /* 0: they are not known */
};

/*
 * Class kernel. Strings: path, second path (as asked: source of a mount, new name), kind (file
 * system), name (module, program). What a type does not use is 0, fd then -1.
 */
struct weir_kernel_event {
	struct weir_header h;
	__u64 target_start_time; /* of the process that it is done to; target_pid 0: nobody */
	__u64 address;
	__u64 length;
	__u64 flags;
	__u64 effective, permitted; /* capabilities after the call */
	struct weir_credentials old;
	__u32 target_pid, target_tid; /* initial pid namespace */
	__u32 target_self_exec_id;
	__u32 target_uid;
	__u32 number;
	__u32 id; /* BPF_LOAD: of the program; SIGNAL: how it was delivered (enum in the kernel) */
	__s32 fd;
	__s32 result; /* 0 or more, or -errno */
	/* NAMESPACE: those after the call; of children for pid. */
	__u32 pid_ns, net_ns, user_ns, uts_ns, cgroup_ns, ipc_ns, mnt_ns, time_ns;
	__u16 family;
	__u16 port; /* host order */
	__u8 remote_address[16];
	__u8 tag[8]; /* BPF_LOAD */
	char target_comm[WEIR_COMM_LEN];
	__u32 pad;
};

/* A process may make so many records of a type of class kernel in a second; the rest is counted as
 * WEIR_RATE_LIMITED. */
#define WEIR_KERNEL_EVENTS_PER_SECOND 64

/*
 * A packet to or from port 53, seen at the socket that sends or receives it. Of RECEIVED, the header
 * says who sent to that port by this socket last. String: the payload, of TCP a piece of the stream.
 */
struct weir_dns_event {
	struct weir_header h;
	__u64 sock; /* socket cookie: identity only */
	__u8 local_address[16]; /* as in struct weir_socket_event */
	__u8 remote_address[16];
	__u16 local_port; /* host order */
	__u16 remote_port;
	__u16 family;
	__u16 protocol; /* IPPROTO_UDP or IPPROTO_TCP */
	__u32 net_ns;
	__u32 sequence; /* TCP: of the first byte of the payload */
	__u32 size; /* bytes of the payload, before truncation */
	__u32 pad;
};
#define WEIR_DNS_MAX 16384
/* A socket may use the ring for so many bytes of DNS in a second; the rest is WEIR_RATE_LIMITED. */
#define WEIR_DNS_BYTES_PER_SECOND (4 << 20)

/* What is counted, for a process tree and for a cgroup, and judged. */
enum weir_behavior {
	WEIR_RANSOMWARE, /* WEIR_CONVERTED */
	WEIR_MASS_RENAME, /* WEIR_EXTENDED */
	WEIR_MASS_DELETE, /* WEIR_DELETED, over several folders that stay */
	WEIR_MASS_REWRITE, /* WEIR_REWRITTEN */
	WEIR_PORT_SWEEP, /* WEIR_PORTS */
	WEIR_ADDRESS_SWEEP, /* WEIR_ADDRESSES */
	WEIR_EXEC_BURST, /* WEIR_EXECS */
	WEIR_SETUID_BURST, /* WEIR_SETUIDS */
	WEIR_BEHAVIORS,
};

/* Within the window. A file is the tree's own when the tree has created it. */
enum weir_evidence {
	WEIR_RENAMED, /* files, but for own ones */
	WEIR_EXTENDED, /* of those: got another extension */
	WEIR_DELETED, /* files, but for own ones */
	WEIR_ERASED, /* of those: read or rewritten before */
	WEIR_REWRITTEN, /* opened for writing after they were read, or for both; or replaced by an own one */
	WEIR_CONVERTED, /* rewritten or read, and got another extension or gave way to a new file with one */
	WEIR_CREATED,
	WEIR_FOLDERS_REMOVED,
	WEIR_DIRECTORIES, /* distinct ones of all that, an estimate */
	WEIR_CONNECTS, /* of streams */
	WEIR_ADDRESSES, /* distinct remote ones, an estimate */
	WEIR_PORTS, /* distinct remote ones, an estimate */
	WEIR_EXECS,
	WEIR_SETUIDS, /* execs that changed the effective user */
	WEIR_EVIDENCE,
};

enum weir_scope {
	WEIR_SCOPE_TREE = 0, /* a process group */
	WEIR_SCOPE_CGROUP = 1,
};

/* What the program did about a verdict at once. */
enum weir_response {
	WEIR_RESPONSE_NONE, /* nothing was asked for */
	WEIR_RESPONSE_DONE, /* `signal` is on its way to the process */
	WEIR_RESPONSE_DRY_RUN, /* it would be */
	WEIR_RESPONSE_INIT, /* refused: pid 1 */
	WEIR_RESPONSE_OWN, /* refused: weir itself */
	WEIR_RESPONSE_PROTECTED, /* refused: a protected executable */
	WEIR_RESPONSE_RATE, /* refused: too many within the interval */
	WEIR_RESPONSE_FAILED, /* the kernel refused */
};

/* VERDICT: the header is of the process whose event was the last one. No strings. */
struct weir_behavior_event {
	struct weir_header h;
	__u64 tree; /* SCOPE_TREE: process group, initial pid namespace; SCOPE_CGROUP: its id */
	__u64 window_ns;
	char extension[8]; /* the newest one, cut */
	__u32 behavior; /* enum weir_behavior */
	__u32 scope;
	__u32 threshold;
	__u32 response; /* enum weir_response */
	__u32 signal; /* that was asked for; 0: none */
	__u32 pad;
	__u32 evidence[WEIR_EVIDENCE];
};

/* Array weir_behavior[0], written by user space at any time. */
struct weir_behavior_config {
	__u64 file_window_ns, socket_window_ns, exec_window_ns;
	__u32 thresholds[WEIR_BEHAVIORS]; /* 0: not judged */
	__u32 cgroup_factor; /* a cgroup's thresholds are so many times higher; 0: none */
	__u32 respond; /* 0: nothing is killed or stopped by the programs */
	__u32 kill, stop; /* bits of enum weir_behavior */
	__u32 dry_run;
	__u32 response_limit; /* so many within the interval */
	__u64 response_interval_ns;
};

/* ---- counters: per-CPU array weir_counters[class * WEIR_COUNTERS + counter] of __u64 ---- */
enum weir_counter {
	WEIR_SEEN = 0, /* in scope, counted at the hook's entry */
	WEIR_SUBMITTED, /* rows that reached a ring */
	WEIR_EXCLUDED, /* dropped by an exclusion map */
	WEIR_COALESCED, /* folded into another record's count */
	WEIR_RATE_LIMITED,
	WEIR_LOST_RING, /* ring full */
	WEIR_LOST_MAP, /* a map or the scratch pool was full */
	WEIR_PAGE_FAULT, /* beside the sum: user memory that could not be read */
	WEIR_COUNTERS,
};

/* ---- configuration: array weir_config[0], written by user space at any time ---- */
#define WEIR_ON(class) (1u << (class))
struct weir_config {
	__u32 classes; /* WEIR_ON(class) bits */
	__u32 own_pid; /* tgid whose events are never in scope (and its children: own_pids map) */
	/* Which filter maps hold entries: programs skip the look-ups otherwise. */
	__u8 only_cgroups, only_exes; /* scope: nothing outside is even seen */
	__u8 not_cgroups, not_exes, not_uids, not_ports, not_prefixes; /* exclusions */
	__u8 read_prefixes; /* read opens below these prefixes are events */
	__u8 unix_sockets; /* report AF_UNIX */
	__u8 own_pids; /* weir_own_pids holds entries */
	__u8 not_addresses; /* an exclusion, too */
	__u8 pad[5];
	__u64 send_window; /* ns within which equal datagram sends are folded into one count */
	/* Repeats of an open or close: records of their own at first, then one an interval. */
	__u64 repeat_interval_ns; /* 0: all are records of their own */
	__u32 repeat_burst;
	/* Limits of rate, of sessions and of cgroups: what one event costs, and how much may be saved
	 * up, in ns of the bucket's time. Cost 0: no limit. */
	__u32 busy_rows; /* events of one CPU in a tick from which on buckets are asked; 0: no limits */
	__u64 tree_cost_ns, tree_depth_ns;
	__u64 cgroup_cost_ns, cgroup_depth_ns;
};

/* Key of the executable maps. */
struct weir_exe_key {
	__u64 dev;
	__u64 ino;
};

/* Key of the path prefix tries: bits, then the bytes of the prefix. The trie caps at 256 bytes. */
#define WEIR_PREFIX_MAX 248
struct weir_prefix_key {
	__u32 bits;
	char path[WEIR_PREFIX_MAX];
};
#define WEIR_FILTER_KIND_ALL 0xffffffffu /* value of scope's maps: bit set of WEIR_ON(class) */

/* Key of the trie of remote addresses: bits of what follows, 32 + the prefix. */
struct weir_address_key {
	__u32 bits;
	__u32 family;
	__u8 address[16]; /* network order; IPv4 uses the first 4 bytes */
};

/* Value of the exclusions' maps. */
struct weir_exclusion {
	__u32 classes; /* bit set of WEIR_ON(class) */
	__u32 slot; /* where weir_excluded counts what it left out */
};
#define WEIR_EXCLUSION_SLOTS 1024

/*
 * A wake-up costs the process that makes the event far more than the event. So the programs wake
 * the reader at most once per window, and a reader that was woken polls for twice as long; while it reads
 * forks, execs and exits it says so, and is not woken for them at all.
 */
#define WEIR_WAKE_WINDOW_NS 10000000ull

/* Size of the ring of sockets and files. */
#define WEIR_NOISE_BYTES (8 << 20)

/*
 * Names of the maps, all created by the programs:
 *   weir_lifecycle  ring, 4 MiB   fork, exec, exit
 *   weir_noise      ring, 8 MiB   sockets, files
 *   weir_counters, weir_settings (struct weir_config)
 *   weir_only_cgroups     hash u64 -> u32 class bits
 *   weir_only_exes        hash weir_exe_key -> u32 class bits
 *   weir_read_prefixes    LPM trie weir_prefix_key -> u32 class bits
 *   weir_not_cgroups, weir_not_exes, weir_not_prefixes (the same keys), weir_not_uids (u32),
 *   weir_not_ports (u16, either end), weir_not_addresses (LPM trie) -> struct weir_exclusion
 *   weir_excluded         per-CPU array [slot] of __u64 rows
 *   weir_own_pids   hash u32 tgid -> u8: the daemon and its helpers
 *   weir_behavior (struct weir_behavior_config), weir_protected   hash weir_exe_key -> u8
 */
#endif
