/** /proc/mdstat: what the kernel says of software RAID. */
import type { Host } from '../../host/host.ts';

export interface Progress {
  readonly progress: string;
  readonly finish: string;
  readonly speed: string;
}

export interface MdArray {
  readonly name: string;
  /** active, inactive; with (read-only) where it is */
  readonly status: string;
  /** Kilobytes. */
  readonly size: string | undefined;
  /** The rest of the line with the size. */
  readonly other: string;
  readonly bitmap: readonly string[];
  /** Of recovery, resync, reshape or check, while one of them goes on. */
  readonly actions: ReadonlyMap<string, Progress>;
}

export interface MdStat {
  readonly arrays: readonly MdArray[];
  readonly unused: string;
}

/** "[==>..] recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec" */
const ACTION = /(recovery|resync|reshape|check)\s*=\s*(.*)$/;

function progressOf(text: string): Progress {
  const [, progress = text] = /^(.*?)\s*(?:finish=|$)/.exec(text) ?? [];
  return {
    progress,
    finish: /finish=(\S+)/.exec(text)?.[1] ?? '',
    speed: /speed=(\S+)/.exec(text)?.[1] ?? '',
  };
}

function arrayOf(head: string, lines: readonly string[]): MdArray | undefined {
  const [, name, rest = ''] = /^(md\S*)\s*:\s*(.*)$/.exec(head) ?? [];
  if (name === undefined) return undefined;
  const [, size, other = ''] =
    lines.map((line) => /^\s*(\d+) blocks\s*(.*)$/.exec(line)).find((match) => match !== null) ??
    [];
  const bitmap = lines.find((line) => /^\s*bitmap:/.test(line))?.replace(/^\s*bitmap:\s*/, '');
  const actions = lines.flatMap((line) => {
    const [, action, text] = ACTION.exec(line) ?? [];
    return action === undefined || text === undefined ? [] : [[action, progressOf(text)] as const];
  });
  return {
    name,
    status: /^\S+(?: \([^)]*\))*/.exec(rest)?.[0] ?? '',
    size,
    other,
    bitmap: bitmap?.split(',').map((part) => part.trim()) ?? [],
    actions: new Map(actions),
  };
}

export function mdStat(host: Host): MdStat {
  const lines = host.lines('/proc/mdstat');
  const arrays: MdArray[] = [];
  for (const [i, line] of lines.entries()) {
    if (!/^md/.test(line)) continue;
    const end = lines.findIndex((each, at) => at > i && /^\S/.test(each));
    const array = arrayOf(line, lines.slice(i + 1, end < 0 ? undefined : end));
    if (array !== undefined) arrays.push(array);
  }
  const unused = lines.find((line) => line.startsWith('unused devices:'));
  return { arrays, unused: unused?.slice('unused devices:'.length).trim() ?? '' };
}

/** One disk of an array, from /sys. */
export interface Member {
  readonly name: string;
  /** Words as in_sync, spare, faulty, with commas between them. */
  readonly state: readonly string[];
  readonly slot: string;
}

export function members(host: Host, array: string): Member[] {
  const folder = `/sys/block/${array}/md`;
  return host
    .names(folder, { quiet: true })
    .filter((name) => name.startsWith('dev-'))
    .map((name) => ({
      name: name.slice('dev-'.length).replaceAll('!', '/'),
      state: host.value(`${folder}/${name}/state`)?.split(',') ?? [],
      slot: host.value(`${folder}/${name}/slot`) ?? '',
    }));
}
