import { type ColumnSpec, column, type EventTableSpec } from '../spec.ts';
import { ACTOR_IDS, EID, OWN, TIME, UPTIME } from './common.ts';

/** Columns about the actor and the time that every table of this class ends with. */
export const KERNEL_ACTOR: readonly ColumnSpec[] = [
  ...ACTOR_IDS,
  column('auid', 'BIGINT', 'Login user id; 4294967295 when there is none'),
  column('parent', 'BIGINT', 'Process id of the parent'),
  column('syscall', 'TEXT', 'System call; NULL where none leads to it'),
  TIME,
  UPTIME,
  EID,
  ...OWN,
];

export const ACTION = (description: string): ColumnSpec => column('action', 'TEXT', description);
export const PID = column('pid', 'BIGINT', 'Process that did it');
export const PATH = column('path', 'TEXT', 'Executable that did it');
export const ERROR = column('error', 'INTEGER', 'errno of a refused or failed call; 0 otherwise');
export const FLAGS = column('flags', 'BIGINT', 'Flags of the call');

/** Who it was done to. */
export const TARGET: readonly ColumnSpec[] = [
  column('target_pid', 'BIGINT', 'Process that it was done to; NULL when there is none'),
  column('target_path', 'TEXT', 'Executable of that process'),
  column('target_comm', 'TEXT', 'Thread name of the target'),
  column('target_uid', 'BIGINT', 'Real user of the target'),
  column('target_process_id', 'BIGINT', 'process_id of the target'),
  column('target_exec_id', 'BIGINT', 'exec_id of the target: joins process_seen'),
  column('target_tid', 'BIGINT', 'Thread of the target', { hidden: true }),
];

const old = (name: string, what: string): ColumnSpec =>
  column(`old_${name}`, 'BIGINT', `credential_events: ${what} before; NULL when not known`, {
    hidden: true,
  });

const namespace = (name: string, what: string): ColumnSpec =>
  column(`new_${name}_ns`, 'BIGINT', `namespace_events: ${what} namespace after the call`, {
    hidden: true,
  });

/** All rows of the class, with all columns; the tables after it show some of both. */
export const KERNEL_EVENTS: EventTableSpec = {
  name: 'kernel_events',
  description:
    'What changes rights, reach, other processes or the kernel: all rows of the ten tables that follow, under one roof',
  class: 'kernel',
  columns: [
    ACTION('What was done or tried; see the tables that follow'),
    PID,
    PATH,
    ERROR,
    ...TARGET,
    column('object_path', 'TEXT', 'The file or place that it is about'),
    column('other_path', 'TEXT', 'Source of a mount, old root, new name'),
    column('kind', 'TEXT', 'File system, type of BPF program, signal, namespaces'),
    column('name', 'TEXT', 'Module, BPF program or memfd'),
    column('number', 'BIGINT', 'Signal, ptrace request, protection, io_uring operation'),
    FLAGS,
    column('outcome', 'TEXT', 'Signals: delivered, ignored, pending, lost'),
    column('gained', 'TEXT', 'Capabilities that came into effect, comma separated'),
    column('remote_address', 'TEXT', 'io_uring_connect: where to'),
    column('remote_port', 'INTEGER', 'io_uring_connect: port'),
    column('fd', 'BIGINT', 'Descriptor', { hidden: true }),
    column('address', 'BIGINT', 'Address in the target’s or own memory', { hidden: true }),
    column('length', 'BIGINT', 'Bytes; of a ring its entries', { hidden: true }),
    column('object_id', 'BIGINT', 'Id of the BPF program', { hidden: true }),
    column('tag', 'TEXT', 'Tag of the BPF program, as bpftool shows it', { hidden: true }),
    old('uid', 'real user id'),
    old('gid', 'real group id'),
    old('suid', 'saved user id'),
    old('sgid', 'saved group id'),
    old('euid', 'effective user id'),
    old('egid', 'effective group id'),
    old('fsuid', 'file system user id'),
    old('fsgid', 'file system group id'),
    old('capabilities', 'effective capabilities, a bit each,'),
    column('capabilities', 'BIGINT', 'credential_events: effective capabilities after', {
      hidden: true,
    }),
    old('permitted', 'permitted capabilities'),
    column('permitted', 'BIGINT', 'credential_events: permitted capabilities after', {
      hidden: true,
    }),
    old('user_ns', 'user namespace'),
    namespace('mnt', 'mount'),
    namespace('pid', 'process id (of future children)'),
    namespace('net', 'network'),
    namespace('user', 'user'),
    namespace('uts', 'host name'),
    namespace('ipc', 'System V IPC'),
    namespace('cgroup', 'control group'),
    namespace('time', 'time (of future children)'),
    ...KERNEL_ACTOR,
  ],
  examples: ['SELECT action, count(*) FROM kernel_events GROUP BY action'],
};
