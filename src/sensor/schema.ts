/**
 * What an event batch and a stored row consist of, class by class: the one place that says so.
 * `addon/generate.ts` turns it into the C++ header that decoder and store are compiled with.
 *
 * Kinds: `u32` and `i64` are integers (i64 NULL is the smallest value), `text` is a string through
 * the batch's dictionary (code 0 is NULL). Times in `_ns` are nanoseconds.
 */

export type Kind = 'u32' | 'i64' | 'text';

export interface PhysicalColumn {
  readonly name: string;
  readonly kind: Kind;
  /** `batch` columns live only from decoder to store; `stream` ones are filled by operators. */
  readonly origin?: 'batch' | 'stream';
}

const u32 = (name: string): PhysicalColumn => ({ name, kind: 'u32' });
const i64 = (name: string): PhysicalColumn => ({ name, kind: 'i64' });
const text = (name: string): PhysicalColumn => ({ name, kind: 'text' });
const streamText = (name: string): PhysicalColumn => ({ name, kind: 'text', origin: 'stream' });

/** Who did it, when, and how sure we are; in every class. */
const COMMON = [
  i64('time_ns'), // wall clock
  i64('boottime_ns'),
  text('boot_id'),
  u32('pid'),
  u32('tid'),
  i64('process_id'),
  i64('exec_id'),
  text('path'), // executable of the acting process
  text('comm'),
  u32('uid'),
  u32('gid'),
  u32('euid'),
  u32('egid'),
  u32('suid'),
  u32('sgid'),
  u32('fsuid'),
  u32('fsgid'),
  u32('auid'),
  u32('parent'),
  i64('parent_process_id'),
  i64('cgroup_id'),
  u32('mnt_ns'),
  text('syscall'),
  i64('op_id'),
  u32('count'),
  i64('first_time_ns'),
  text('source'), // kernel, user, proc, netlink, fanotify; class host: udev, audit, journal, ...
  text('truncated'), // names of columns that were cut, comma separated; '' when none
  streamText('username'),
  streamText('container_id'),
  streamText('container_name'),
  streamText('container_image'),
  streamText('container_runtime'),
  streamText('pod_name'),
  streamText('pod_namespace'),
  streamText('pod_uid'),
  // Keyed hash of what makes two events "the same thing by the same process"; 0: never the same.
  { name: 'identity', kind: 'i64', origin: 'batch' } as PhysicalColumn,
] as const;

const EXE = [
  text('cmdline'), // joined with single spaces, as osquery does
  text('json_cmdline'),
  text('cwd'),
] as const;

export const CLASS_NAMES = [
  'process',
  'lifecycle',
  'socket',
  'file',
  'seen',
  'kernel',
  'dns',
  'behavior',
  'host', // after those of the kernel programs: bpf/weir.h knows no number for it
] as const;
export type ClassName = (typeof CLASS_NAMES)[number];

/** Columns by class. Order is the order in a batch; stored blocks name their columns. */
export const CLASSES: Readonly<Record<ClassName, readonly PhysicalColumn[]>> = {
  process: [
    ...COMMON,
    ...EXE,
    text('filename'), // as asked for
    text('script'), // NULL unless an interpreter was started for it
    text('interpreter'),
    u32('cmdline_size'),
    u32('env_size'),
    text('parent_path'),
    text('parent_cmdline'),
    i64('dev'),
    i64('inode'),
    i64('size'),
    u32('mode'),
    u32('owner_uid'),
    u32('owner_gid'),
    i64('atime'),
    i64('mtime'),
    i64('ctime'),
    u32('nlink'),
    u32('exe_deleted'), // 1: the file has no name any more
    u32('exe_memfd'), // 1: it lives in memory only
    u32('pgid'),
    u32('session_id'),
    u32('ns_pid'),
    u32('pid_ns'),
    u32('net_ns'),
    u32('user_ns'),
    u32('uts_ns'),
    u32('cgroup_ns'),
    text('tty'),
  ],
  lifecycle: [
    ...COMMON,
    text('action'), // fork, exit
    text('cmdline'),
    i64('exit_code'), // NULL for fork and for death by signal
    i64('exit_signal'),
    i64('start_time_ns'), // wall clock
    i64('duration_ns'), // NULL for fork
    i64('clone_flags'),
    u32('ns_pid'),
    u32('pid_ns'),
  ],
  socket: [
    ...COMMON,
    text('action'), // connect, accept, bind, listen, send, close
    i64('fd'),
    u32('family'),
    u32('protocol'),
    u32('socket_type'),
    text('local_address'),
    text('remote_address'),
    u32('local_port'),
    u32('remote_port'),
    text('local_path'),
    text('remote_path'),
    streamText('remote_hostname'), // by answers to DNS questions
    text('status'), // succeeded, failed, in_progress
    i64('error'), // errno, 0 when it succeeded
    i64('inode'),
    u32('net_ns'),
    u32('peer_pid'),
    i64('bytes'),
    i64('bytes_received'),
    i64('duration_ns'),
  ],
  file: [
    ...COMMON,
    text('action'), // create, open_write, open_read, close_write, rename, unlink, ...
    text('target_path'),
    text('dest_path'), // rename, link: the new name; symlink: what it points to
    text('cwd'), // of the acting process, as last known
    streamText('category'),
    i64('fd'),
    i64('dev'),
    i64('inode'),
    i64('size'),
    u32('mode'),
    u32('owner_uid'),
    u32('owner_gid'),
    u32('nlink'),
    i64('atime'),
    i64('mtime'),
    i64('ctime'),
    u32('open_flags'),
    u32('requested'), // chmod: the mode asked for; rename: its flags
  ],
  // One row per image (exec_id), when first met, so that joins on exec_id never miss.
  seen: [
    ...COMMON,
    ...EXE,
    text('reason'), // exec, fork, seed, event
    text('parent_path'),
    i64('start_time_ns'),
    u32('pgid'),
    u32('session_id'),
    u32('pid_ns'),
    text('tty'),
  ],
  // What changes rights, reach, other processes or the kernel. What an action does not use is NULL.
  kernel: [
    ...COMMON,
    text('action'), // exec_failed, signal, ptrace_attach, mount, ...
    i64('error'), // errno, 0 when it succeeded
    i64('target_pid'), // who it was done to; initial pid namespace
    i64('target_tid'),
    i64('target_process_id'),
    i64('target_exec_id'),
    text('target_path'), // executable of the target
    text('target_comm'),
    i64('target_uid'),
    text('object_path'),
    text('other_path'), // source of a mount, old root, new name
    text('kind'), // file system, type of BPF program, name of the signal, namespaces
    text('name'), // module, BPF program, memfd
    i64('number'), // signal, ptrace request, protection, io_uring opcode
    i64('flags'),
    i64('fd'),
    i64('address'),
    i64('length'),
    i64('object_id'), // BPF program
    text('tag'), // BPF program
    text('outcome'), // signal: delivered, ignored, pending, lost
    text('remote_address'),
    i64('remote_port'),
    // Credentials before; those after are the actor's.
    i64('old_uid'),
    i64('old_gid'),
    i64('old_suid'),
    i64('old_sgid'),
    i64('old_euid'),
    i64('old_egid'),
    i64('old_fsuid'),
    i64('old_fsgid'),
    i64('old_capabilities'), // effective, a bit each
    i64('capabilities'),
    i64('old_permitted'),
    i64('permitted'),
    text('gained'), // names of capabilities that are in effect and were not
    i64('old_user_ns'),
    // Namespaces after the call: the caller's, for clone the child's; pid: of future children.
    i64('new_mnt_ns'),
    i64('new_pid_ns'),
    i64('new_net_ns'),
    i64('new_user_ns'),
    i64('new_uts_ns'),
    i64('new_ipc_ns'),
    i64('new_cgroup_ns'),
    i64('new_time_ns'),
  ],
  dns: [
    ...COMMON,
    text('action'), // question, answer
    text('query'),
    text('query_type'),
    text('query_class'),
    text('rcode'), // NULL for a question
    text('answers'), // JSON
    i64('answer_count'), // NULL for a question
    i64('ttl'), // smallest of the answers, seconds
    text('error'), // what is wrong with the message
    u32('id'),
    u32('flags'), // of the message's header
    u32('family'),
    u32('protocol'),
    text('local_address'),
    text('remote_address'),
    u32('local_port'),
    u32('remote_port'),
    u32('net_ns'),
    i64('bytes'),
  ],
  // Verdicts. What the kind of behaviour does not count is NULL.
  behavior: [
    ...COMMON,
    text('action'), // ransomware, mass_rename, ...: src/config/behaviors.ts
    text('scope'), // tree, cgroup
    i64('tree'), // process group; NULL for a cgroup
    i64('window_ms'),
    i64('threshold'),
    i64('renamed'),
    i64('extended'),
    i64('deleted'),
    i64('erased'),
    i64('rewritten'),
    i64('converted'),
    i64('created'),
    i64('folders_removed'),
    i64('directories'),
    i64('connects'),
    i64('addresses'),
    i64('ports'),
    i64('execs'),
    i64('setuids'),
    text('extension'), // the newest that files were given, up to 8 bytes
    text('asked'), // what the program should do at once: kill, stop
    text('outcome'), // done, dry_run, refused
    text('refusal'), // why: init, weir, protected, rate_limit, failed
  ],
  // What the host's own parts tell: devices, logins, denials, log lines, files with a signature.
  // What a topic does not use is NULL. A row that names no process has pid 0 and uid 4294967295.
  host: [
    ...COMMON,
    text('topic'), // hardware, user, selinux, apparmor, seccomp, syslog, yara
    text('action'), // hardware: add, remove, ...; yara: CREATED, UPDATED
    text('type'), // hardware: kind of device; selinux, apparmor, user: kind of record
    i64('number'), // of the kind of an audit record
    text('message'),
    text('target_path'), // hardware: node of the device; yara: the file
    text('category'), // yara: of file_paths
    text('driver'),
    text('vendor'),
    text('vendor_id'),
    text('model'),
    text('model_id'),
    text('serial'),
    text('revision'),
    text('address'),
    text('terminal'),
    text('verdict'), // AppArmor: ALLOWED, DENIED, AUDIT, STATUS, ...
    text('operation'),
    text('profile'),
    text('name'),
    text('denied_mask'),
    text('requested_mask'),
    text('capname'),
    i64('capability'),
    i64('ppid'),
    i64('fs_uid'),
    i64('object_uid'),
    text('info'),
    text('error'),
    text('namespace'),
    text('label'),
    i64('session'),
    i64('signal'),
    text('arch'),
    i64('compat'),
    text('ip'),
    text('code'),
    text('datetime'), // as the sender wrote it
    text('host'),
    i64('severity'),
    text('facility'),
    text('tag'),
    text('matches'),
    i64('match_count'),
    text('strings'),
    text('tags'),
  ],
};

export const NULL_I64 = -(2n ** 63n);
export const BATCH_ROWS = 4096;
