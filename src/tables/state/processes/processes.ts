import { bigint, type Cell, defineTable, elsewhere, integer, text } from '../../bridge/table.ts';
import { exactText } from '../../host/host.ts';
import { type ProcessFiles, processFiles } from '../../host/proc-files.ts';
import { type DiskCheck, diskCheck } from './on-disk.ts';
import { askedPids } from './pids.ts';
import { bootTime, parseStat, TICKS } from './stat.ts';

const TICK_MS = 1000 / TICKS;

/** By file of /proc/PID, the columns that need it. Every row needs stat. */
const NEEDED = {
  '#ids': ['uid', 'euid', 'suid', 'gid', 'egid', 'sgid'],
  cmdline: ['cmdline'],
  io: ['disk_bytes_read', 'disk_bytes_written'],
  cgroup: ['cgroup_path'],
  '@exe': ['path', 'on_disk'],
  '@cwd': ['cwd'],
  '@root': ['root'],
} as const;

/** Arguments with blanks between them, as osquery joins them. */
function commandLine(bytes: Buffer | undefined): Cell {
  if (bytes === undefined) return '';
  for (let i = bytes.indexOf(0); i >= 0; i = bytes.indexOf(0, i + 1)) bytes[i] = 0x20;
  const line = exactText(bytes);
  return typeof line === 'string' ? line.trim() : line;
}

/** The first hierarchy's path: with cgroup2 alone it is the only one. */
function cgroupPath(text: string): string {
  return /^[^:\n]*:[^:\n]*:(.*)$/m.exec(text)?.[1] ?? '';
}

function ioValue(text: string, key: string): number {
  const at = text.indexOf(key);
  return at < 0 ? Number.NaN : Number.parseInt(text.slice(at + key.length), 10);
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
    const { host } = context;
    const boot = context.uses('start_time') ? bootTime(host) : undefined;
    const needed = Object.entries(NEEDED).filter(([, columns]) => context.uses(...columns));
    const names = ['stat', ...needed.map(([name]) => name)];
    const onDisk = context.uses('path', 'on_disk') ? diskCheck(host) : undefined;
    for (const files of processFiles(host, askedPids(context), names, (m) => context.warn(m))) {
      const row = processRow(files, boot, onDisk);
      if (row !== undefined) yield row;
    }
  },
});

/** Of files that were not read, the columns are not read either. */
function processRow(files: ProcessFiles, boot: number | undefined, onDisk: DiskCheck | undefined) {
  const stat = parseStat(files.text('stat'));
  // It ended since its folder was listed.
  if (stat === undefined) return undefined;
  const [uid, euid, suid, gid, egid, sgid] = files.text('#ids').split(' ');
  const io = files.text('io');
  const disk = onDisk?.(files.pid, files.exact('@exe'));
  return {
    pid: files.pid,
    name: stat.name,
    path: disk?.path,
    on_disk: disk?.onDisk,
    cmdline: commandLine(files.bytes('cmdline')),
    state: stat.state,
    cwd: files.exact('@cwd'),
    root: files.exact('@root'),
    uid,
    euid,
    suid,
    gid,
    egid,
    sgid,
    wired_size: 0,
    resident_size: stat.resident,
    total_size: stat.total,
    user_time: stat.userTicks * TICK_MS,
    system_time: stat.systemTicks * TICK_MS,
    disk_bytes_read: ioValue(io, '\nread_bytes: '),
    disk_bytes_written: ioValue(io, '\nwrite_bytes: ') - ioValue(io, '\ncancelled_write_bytes: '),
    start_time: boot === undefined ? -1 : boot + Math.floor(stat.startTicks / TICKS),
    parent: stat.parent,
    pgroup: stat.group,
    threads: stat.threads,
    nice: stat.nice,
    cgroup_path: cgroupPath(files.text('cgroup')),
  };
}
