import type { TableContext } from '../../bridge/context.ts';
import { bigint, type Cell, defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { exactText, type Host } from '../../host/host.ts';
import { keyValues } from '../../host/parse.ts';
import { onDisk } from './on-disk.ts';
import { askedPids } from './pids.ts';
import { bootTime, parseStat, TICKS } from './stat.ts';
import { parseStatus } from './status.ts';

const STATUS = [
  'uid',
  'euid',
  'suid',
  'gid',
  'egid',
  'sgid',
  'resident_size',
  'total_size',
] as const;
const IO = ['disk_bytes_read', 'disk_bytes_written'] as const;
const TICK_MS = 1000 / TICKS;

/** Arguments with blanks between them, as osquery joins them. */
function commandLine(host: Host, pid: number): Cell {
  const bytes = host.bytes(`/proc/${pid}/cmdline`, { quiet: true });
  if (bytes === undefined) return '';
  for (let i = bytes.indexOf(0); i >= 0; i = bytes.indexOf(0, i + 1)) bytes[i] = 0x20;
  const line = exactText(bytes);
  return typeof line === 'string' ? line.trim() : line;
}

/** The first hierarchy's path: with cgroup2 alone it is the only one. */
function cgroupPath(host: Host, pid: number): string {
  const line = host.text(`/proc/${pid}/cgroup`, { quiet: true })?.split('\n')[0] ?? '';
  return /^[^:]*:[^:]*:(.*)$/.exec(line)?.[1] ?? '';
}

function ioBytes(host: Host, pid: number): Record<(typeof IO)[number], Cell> {
  const io = keyValues(host.lines(`/proc/${pid}/io`, { quiet: true }), ':');
  const of = (key: string): number => Number(io.get(key) ?? Number.NaN);
  return {
    disk_bytes_read: of('read_bytes'),
    disk_bytes_written: of('write_bytes') - of('cancelled_write_bytes'),
  };
}

export const processes = defineTable({
  name: 'processes',
  description: 'Running processes, from /proc',
  rows: 300,
  columns: {
    pid: bigint('Process id', { index: true, optimized: true }),
    name: text('Name of the main thread, at most 15 bytes'),
    path: text('Executable'),
    cmdline: text('Command line, arguments joined by blanks'),
    state: text('State as ps shows it: R, S, D, Z, T, I'),
    cwd: text('Current directory'),
    root: text('Root directory'),
    uid: bigint('Real user id'),
    gid: bigint('Real group id'),
    euid: bigint('Effective user id'),
    egid: bigint('Effective group id'),
    suid: bigint('Saved user id'),
    sgid: bigint('Saved group id'),
    on_disk: integer('1 while the executable is there, 0 when it was deleted, -1 unknown'),
    wired_size: bigint('Always 0 on Linux'),
    resident_size: bigint('Resident memory in bytes'),
    total_size: bigint('Virtual memory in bytes'),
    user_time: bigint('CPU time in user space, milliseconds'),
    system_time: bigint('CPU time in the kernel, milliseconds'),
    disk_bytes_read: bigint('Bytes read from storage'),
    disk_bytes_written: bigint('Bytes written to storage, without those that were cancelled'),
    start_time: bigint('Start in seconds since 1970, -1 when unknown'),
    parent: bigint('Process id of the parent'),
    pgroup: bigint('Process group'),
    threads: integer('Number of threads'),
    nice: integer('Nice level, -20 to 19'),
    elevated_token: elsewhere('INTEGER'),
    secure_process: elsewhere('INTEGER'),
    protection_type: elsewhere('TEXT'),
    virtual_process: elsewhere('INTEGER'),
    elapsed_time: elsewhere('BIGINT'),
    handle_count: elsewhere('BIGINT'),
    percent_processor_time: elsewhere('BIGINT'),
    upid: elsewhere('BIGINT'),
    uppid: elsewhere('BIGINT'),
    cpu_type: elsewhere('INTEGER'),
    cpu_subtype: elsewhere('INTEGER'),
    translated: elsewhere('INTEGER'),
    cgroup_path: text('Path in the first cgroup hierarchy'),
  },
  examples: [
    'SELECT pid, name, path, cmdline FROM processes WHERE on_disk = 0',
    'SELECT p.name, u.username FROM processes p JOIN users u USING (uid)',
  ],
  *generate(context) {
    const boot = context.uses('start_time') ? bootTime(context.host) : undefined;
    for (const pid of askedPids(context)) {
      const row = processRow(context, pid, boot);
      if (row !== undefined) yield row;
    }
  },
});

function processRow(context: TableContext, pid: number, boot: number | undefined) {
  const { host } = context;
  const stat = parseStat(host.text(`/proc/${pid}/stat`, { quiet: true }) ?? '');
  // It ended since its folder was listed.
  if (stat === undefined) return undefined;
  const status = context.uses(...STATUS)
    ? parseStatus(host.text(`/proc/${pid}/status`, { quiet: true }) ?? '')
    : undefined;
  const link = (name: string): string => host.link(`/proc/${pid}/${name}`, { quiet: true }) ?? '';
  const [uid, euid, suid] = status?.uids ?? [];
  const [gid, egid, sgid] = status?.gids ?? [];
  return {
    pid,
    name: stat.name,
    ...(context.uses('path', 'on_disk') ? onDisk(host, pid, link('exe')) : {}),
    cmdline: context.uses('cmdline') ? commandLine(host, pid) : '',
    state: stat.state,
    cwd: context.uses('cwd') ? link('cwd') : '',
    root: context.uses('root') ? link('root') : '',
    uid,
    gid,
    euid,
    egid,
    suid,
    sgid,
    wired_size: 0,
    resident_size: status?.resident,
    total_size: status?.total,
    user_time: stat.userTicks * TICK_MS,
    system_time: stat.systemTicks * TICK_MS,
    ...(context.uses(...IO) ? ioBytes(host, pid) : {}),
    start_time: boot === undefined ? -1 : boot + Math.floor(stat.startTicks / TICKS),
    parent: stat.parent,
    pgroup: stat.group,
    threads: stat.threads,
    nice: stat.nice,
    cgroup_path: context.uses('cgroup_path') ? cgroupPath(host, pid) : '',
  };
}
