import { type ColumnSpec, column } from '../spec.ts';

/** osquery's columns that every event table ends with. */
export const TIME = column('time', 'BIGINT', 'When it happened, seconds since 1970', {
  from: { how: 'seconds', column: 'time_ns' },
});
export const UPTIME = column('uptime', 'BIGINT', 'When it happened, seconds since boot', {
  from: { how: 'seconds', column: 'boottime_ns' },
});
export const EID = column('eid', 'TEXT', 'Event id: seq as zero-padded text, so that it sorts', {
  from: { how: 'eid' },
  hidden: true,
});

/** weir's own columns, in every event table after osquery's. */
export const OWN: readonly ColumnSpec[] = [
  column('process_id', 'BIGINT', 'The process, from fork to exit; never reused (pids are)'),
  column('exec_id', 'BIGINT', 'The image it runs; a forked child has its parent’s until it execs'),
  column('parent_process_id', 'BIGINT', 'process_id of the parent at fork'),
  column('container_id', 'TEXT', 'Container that the process runs in; NULL on the host'),
  column('container_name', 'TEXT', 'Name of that container, as its runtime knew it at first sight'),
  column('container_image', 'TEXT', 'Image that it was made of, as it was asked for'),
  column(
    'container_runtime',
    'TEXT',
    'docker, podman, containerd, cri-o, lxc, libvirt-lxc, systemd-nspawn, buildkit, runc, crun',
  ),
  column('pod_name', 'TEXT', 'Pod of kubernetes that the container belongs to'),
  column('pod_namespace', 'TEXT', 'Namespace of that pod'),
  column('pod_uid', 'TEXT', 'Identifier of that pod'),
  column('username', 'TEXT', 'Name of uid in the host’s passwd'),
  column('ntime', 'BIGINT', 'When it happened, nanoseconds since 1970', { from: 'time_ns' }),
  column('count', 'INTEGER', 'How many equal events this row stands for'),
  column('first_ntime', 'BIGINT', 'First of those, nanoseconds since 1970', {
    from: 'first_time_ns',
  }),
  column(
    'source',
    'TEXT',
    'Where values come from: kernel, user (caller’s memory); without eBPF proc, netlink, fanotify',
  ),
  column(
    'truncated',
    'TEXT',
    'Names of columns that were cut (of a path the tail is kept) or could not be read',
  ),
  column('seq', 'BIGINT', 'Order over all event tables; never used twice', {
    from: { how: 'seq' },
    hidden: true,
  }),
  column(
    'op_id',
    'BIGINT',
    'Rows of one operation share it (a connect, its outcome, and the end of the connection)',
    {
      hidden: true,
    },
  ),
  column('boottime_ns', 'BIGINT', 'When it happened, nanoseconds since boot', { hidden: true }),
  column('boot_id', 'TEXT', 'The boot that it happened in', { hidden: true }),
  column('tid', 'BIGINT', 'Thread that acted', { hidden: true }),
  column('comm', 'TEXT', 'Thread name', { hidden: true }),
  column('cgroup_id', 'BIGINT', 'cgroup v2 id (inode of its folder)', { hidden: true }),
  column('mnt_ns', 'BIGINT', 'Mount namespace', { hidden: true }),
];

/** Identity of the actor, for tables where osquery has no such column. */
export const ACTOR_IDS: readonly ColumnSpec[] = [
  column('uid', 'BIGINT', 'Real user id'),
  column('euid', 'BIGINT', 'Effective user id', { hidden: true }),
  column('gid', 'BIGINT', 'Real group id', { hidden: true }),
  column('egid', 'BIGINT', 'Effective group id', { hidden: true }),
  column('suid', 'BIGINT', 'Saved user id', { hidden: true }),
  column('sgid', 'BIGINT', 'Saved group id', { hidden: true }),
  column('fsuid', 'BIGINT', 'File system user id', { hidden: true }),
  column('fsgid', 'BIGINT', 'File system group id', { hidden: true }),
];
