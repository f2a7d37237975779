import type { TableContext } from '../../bridge/context.ts';
import { bigint, defineTable, type RowOf, text } from '../../bridge/table.ts';
import { openFiles } from '../../host/proc-files.ts';

interface PipeEnd {
  readonly pid: number;
  readonly fd: number;
  readonly mode: string;
  readonly inode: bigint;
  readonly type: 'anonymous' | 'named';
}

const COLUMNS = {
  pid: bigint('Process id'),
  fd: bigint('File descriptor'),
  mode: text('What it is open for: r, w or rw'),
  inode: bigint('Inode of the pipe'),
  type: text('anonymous or named'),
  partner_pid: bigint('Process that has the other end'),
  partner_fd: bigint('File descriptor there'),
  partner_mode: text('What it is open for there'),
};

export const processOpenPipes = defineTable({
  name: 'process_open_pipes',
  description: 'Ends of pipes that processes have open, and who has the other end',
  rows: 500,
  columns: COLUMNS,
  examples: [
    'SELECT a.name, b.name AS partner FROM process_open_pipes o JOIN processes a ON a.pid = o.pid JOIN processes b ON b.pid = o.partner_pid',
  ],
  *generate(context) {
    const byInode = new Map<bigint, PipeEnd[]>();
    for (const end of pipeEnds(context)) {
      const ends = byInode.get(end.inode);
      if (ends === undefined) byInode.set(end.inode, [end]);
      else ends.push(end);
    }
    for (const ends of byInode.values()) {
      context.checkpoint();
      for (const end of ends) yield* rowsOf(end, ends);
    }
  },
});

/** A row per partner; an end that nobody else has is one without. */
function* rowsOf(end: PipeEnd, ends: readonly PipeEnd[]): Iterable<RowOf<typeof COLUMNS>> {
  if (ends.length === 1) yield { ...end };
  for (const partner of ends) {
    if (partner === end || (partner.mode === end.mode && end.mode !== 'rw')) continue;
    yield {
      ...end,
      partner_pid: partner.pid,
      partner_fd: partner.fd,
      partner_mode: partner.mode,
    };
  }
}

/** The mode of the link in /proc/PID/fd says what the end is open for. */
function modeOf(context: TableContext, link: string): string {
  const mode = Number(context.host.lstat(link)?.mode ?? 0n);
  const read = (mode & 0o444) === 0 ? '' : 'r';
  return (mode & 0o222) === 0 ? read : `${read}w`;
}

/** Paths are looked at once; a path that is a pipe has its inode here. */
function* pipeEnds(context: TableContext): Iterable<PipeEnd> {
  const { host } = context;
  const warn = (message: string): void => context.warn(message);
  const named = new Map<string, bigint | undefined>();
  for (const { pid, fd, target } of openFiles(host, host.pids(), warn)) {
    if (typeof target !== 'string') continue;
    const link = `/proc/${pid}/fd/${fd}`;
    const anonymous = /^pipe:\[(\d+)\]$/.exec(target)?.[1];
    if (anonymous !== undefined) {
      const mode = modeOf(context, link);
      yield { pid, fd, mode, inode: BigInt(anonymous), type: 'anonymous' };
    } else if (target.startsWith('/')) {
      if (!named.has(target)) {
        const stat = host.stat(link);
        named.set(target, stat?.isFIFO() === true ? stat.ino : undefined);
      }
      const inode = named.get(target);
      if (inode !== undefined) yield { pid, fd, mode: modeOf(context, link), inode, type: 'named' };
    }
  }
}
