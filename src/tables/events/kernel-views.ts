/** Views of kernel_events: what one kind of thing has to say, under names of its own. */

import { KERNEL_ACTIONS } from '../../config/kernel-actions.ts';
import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { ACTION, ERROR, FLAGS, KERNEL_ACTOR, PATH, PID, TARGET } from './kernel-events.ts';

type ViewName = keyof typeof KERNEL_ACTIONS;

function view(
  name: ViewName,
  description: string,
  columns: readonly ColumnSpec[],
  examples: readonly string[],
): EventTableSpec {
  const values: readonly string[] = KERNEL_ACTIONS[name];
  return {
    name,
    description,
    class: 'kernel',
    only: { column: 'action', values },
    columns: [
      ...(values.length > 1 ? [ACTION(values.join(', '))] : []),
      PID,
      PATH,
      ...columns,
      ERROR,
      ...KERNEL_ACTOR,
    ],
    examples,
  };
}

const fd = (description: string): ColumnSpec =>
  column('fd', 'BIGINT', description, { hidden: true });

export const KERNEL_VIEWS: readonly EventTableSpec[] = [
  view(
    'exec_failed_events',
    'Programs that could not be started: execve and execveat with their error. Searches along PATH leave one row for each folder',
    [column('filename', 'TEXT', 'What was asked for, made absolute', { from: 'object_path' })],
    ['SELECT path, filename, error FROM exec_failed_events WHERE error = 13'],
  ),
  view(
    'credential_events',
    'Changes of user, group or capabilities: by a call, by an exec, or by nothing that explains them (the mark of a kernel exploit)',
    [
      column('gained', 'TEXT', 'Capabilities that came into effect, comma separated'),
      column('old_uid', 'BIGINT', 'Real user id before; NULL when not known'),
      column('old_euid', 'BIGINT', 'Effective user id before'),
      column('old_gid', 'BIGINT', 'Real group id before'),
      column('old_egid', 'BIGINT', 'Effective group id before'),
      column('old_suid', 'BIGINT', 'Saved user id before', { hidden: true }),
      column('old_sgid', 'BIGINT', 'Saved group id before', { hidden: true }),
      column('old_fsuid', 'BIGINT', 'File system user id before', { hidden: true }),
      column('old_fsgid', 'BIGINT', 'File system group id before', { hidden: true }),
      column('old_capabilities', 'BIGINT', 'Effective capabilities before, a bit each'),
      column('capabilities', 'BIGINT', 'Effective capabilities after'),
      column('old_permitted', 'BIGINT', 'Permitted capabilities before', { hidden: true }),
      column('permitted', 'BIGINT', 'Permitted capabilities after', { hidden: true }),
      column('old_user_ns', 'BIGINT', 'User namespace before', { hidden: true }),
      column('user_ns', 'BIGINT', 'User namespace after', { hidden: true, from: 'new_user_ns' }),
    ],
    [
      "SELECT pid, path, old_uid, uid FROM credential_events WHERE action = 'credentials_unexplained'",
      'SELECT path, gained FROM credential_events WHERE euid = 0 AND old_euid > 0',
    ],
  ),
  view(
    'ptrace_events',
    'Processes that take hold of others: ptrace (attach, seize, traceme, poke, set registers), process_vm_readv and process_vm_writev',
    [
      ...TARGET,
      column('request', 'BIGINT', 'Request of ptrace; NULL for vm_read and vm_write', {
        from: 'number',
      }),
      column('address', 'BIGINT', 'Address that ptrace was given', { hidden: true }),
      column('bytes', 'BIGINT', 'vm_read, vm_write: bytes moved', { from: 'length' }),
    ],
    ['SELECT path, action, target_path FROM ptrace_events WHERE uid <> target_uid'],
  ),
  view(
    'signal_events',
    'Signals from one process to another, a row for each process reached; refused and failed ones too. Signal 0 is none. osquery shows the sender’s side as rows of process_events',
    [
      column('signal', 'INTEGER', 'Number', { from: 'number' }),
      column('signal_name', 'TEXT', 'SIGTERM and the like', { from: 'kind' }),
      ...TARGET,
      column('outcome', 'TEXT', 'delivered, ignored, pending (was so already), lost; NULL: failed'),
    ],
    ['SELECT path, signal_name, target_path FROM signal_events WHERE signal IN (9, 19)'],
  ),
  view(
    'module_events',
    'Kernel modules loaded and unloaded, refusals too',
    [
      column('name', 'TEXT', 'Module; NULL for a load that failed'),
      column('module_path', 'TEXT', 'File it was loaded from; NULL when from memory', {
        from: 'object_path',
      }),
      FLAGS,
      fd('Descriptor of the file'),
    ],
    ['SELECT name, module_path, path FROM module_events WHERE error = 0'],
  ),
  view(
    'bpf_load_events',
    'BPF programs loaded, refusals too; weir’s own are left out',
    [
      column('name', 'TEXT', 'Name of the program'),
      column('type', 'TEXT', 'kprobe, tracing, xdp, ...', { from: 'kind' }),
      column('attach_to', 'TEXT', 'Kernel function that it is made for', { from: 'other_path' }),
      column('program_id', 'BIGINT', 'Id in the kernel; NULL when it was refused', {
        from: 'object_id',
      }),
      column('tag', 'TEXT', 'Digest of its instructions, as bpftool shows it'),
      column('type_number', 'INTEGER', 'Type as a number', { from: 'number', hidden: true }),
      fd('Descriptor of the program'),
    ],
    ['SELECT path, type, name FROM bpf_load_events WHERE error = 0'],
  ),
  view(
    'mount_events',
    'Mounts and their ends, by the old calls and the new ones; refusals too',
    [
      column('target', 'TEXT', 'Place in the file tree', { from: 'object_path' }),
      column(
        'mount_source',
        'TEXT',
        'Device, folder or name; pivot_root: where the old root goes',
        {
          from: 'other_path',
        },
      ),
      column('type', 'TEXT', 'File system', { from: 'kind' }),
      FLAGS,
      fd('fsmount, open_tree: descriptor of the mount'),
    ],
    ["SELECT path, mount_source, target FROM mount_events WHERE action = 'bind'"],
  ),
  view(
    'namespace_events',
    'Processes that get other namespaces: unshare, setns, clone with new ones; and chroot. Refusals too',
    [
      column(
        'namespaces',
        'TEXT',
        'Which were asked for: mnt, pid, net, user, uts, ipc, cgroup, time',
        {
          from: 'kind',
        },
      ),
      column('root', 'TEXT', 'chroot: the new root', { from: 'object_path' }),
      column('child_pid', 'BIGINT', 'clone: the child', { from: 'target_pid' }),
      column('child_process_id', 'BIGINT', 'clone: process_id of the child', {
        from: 'target_process_id',
      }),
      ...['mnt', 'pid', 'net', 'user', 'uts', 'ipc', 'cgroup', 'time'].map((name) =>
        column(`new_${name}_ns`, 'BIGINT', `Its ${name} namespace after the call`),
      ),
      FLAGS,
      fd('setns: descriptor'),
    ],
    ["SELECT path, action FROM namespace_events WHERE namespaces LIKE '%user%' AND uid > 0"],
  ),
  view(
    'memory_events',
    'Memory that is writable and executable at once (mmap, mprotect), and files that live in memory (memfd)',
    [
      column('file', 'TEXT', 'Mapped file; of a memfd its name as paths show it', {
        from: 'object_path',
      }),
      column('name', 'TEXT', 'Name given to the memfd'),
      column('protection', 'INTEGER', 'PROT_ bits: 1 read, 2 write, 4 execute', { from: 'number' }),
      column('length', 'BIGINT', 'Bytes mapped'),
      column('address', 'BIGINT', 'Address', { hidden: true }),
      FLAGS,
      fd('Descriptor'),
    ],
    ["SELECT path, action, length FROM memory_events WHERE action IN ('mmap', 'mprotect')"],
  ),
  view(
    'io_uring_events',
    'Rings, and what was asked of them that opens, connects or changes names. Such requests are no system calls: not all are in the other tables',
    [
      column('file', 'TEXT', 'Path, from the kernel’s own copy; NULL before Linux 6.0', {
        from: 'object_path',
      }),
      column('dest_path', 'TEXT', 'renameat, linkat: new name; symlinkat: what it points to', {
        from: 'other_path',
      }),
      column('remote_address', 'TEXT', 'connect: where to, from the caller’s memory'),
      column('remote_port', 'INTEGER', 'connect: port'),
      column('operation', 'INTEGER', 'IORING_OP_ number', { from: 'number', hidden: true }),
      column('entries', 'BIGINT', 'io_uring_create: size of the ring', { from: 'length' }),
      FLAGS,
      fd('io_uring_create: descriptor'),
    ],
    ["SELECT path, file FROM io_uring_events WHERE action = 'io_uring_openat'"],
  ),
];
