import { exactText, type Host } from '../../host/host.ts';

/** What /proc/PID/stat says of one process; times in clock ticks. */
export interface ProcessStat {
  readonly name: string | Uint8Array;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly nice: number;
  readonly threads: number;
  readonly startTicks: number;
  /** Bytes; kernel threads have none. */
  readonly total: number | undefined;
  readonly resident: number | undefined;
}

/** USER_HZ: what the kernel tells user space, 100 on every architecture that weir runs on. */
export const TICKS = 100;

/** Of x86-64, and of ARM64 as distributions build it. */
const PAGE = 4096;

/** The name of a thread is whatever its owner gave it. */
function threadName(latin1: string): string | Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it is about
  return /^[\x00-\x7f]*$/.test(latin1) ? latin1 : exactText(Buffer.from(latin1, 'latin1'));
}

/**
 * The name may hold blanks and parentheses: the last ")" ends it.
 *
 * @param line read as Latin-1, so that its bytes are kept
 */
export function parseStat(line: string): ProcessStat | undefined {
  const open = line.indexOf('(');
  const close = line.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // Field 3 (state) is fields[0]; proc(5) counts from 1.
  const fields = line.slice(close + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const total = field(23);
  return {
    name: threadName(line.slice(open + 1, close)),
    state: fields[0] ?? '',
    parent: field(4),
    group: field(5),
    userTicks: field(14),
    systemTicks: field(15),
    nice: field(19),
    threads: field(20),
    startTicks: field(22),
    total: total === 0 ? undefined : total,
    resident: total === 0 ? undefined : field(24) * PAGE,
  };
}

/** Seconds since 1970 at which the host was started. */
export function bootTime(host: Host): number | undefined {
  const line = host.lines('/proc/stat').find((each) => each.startsWith('btime '));
  return line === undefined ? undefined : Number(line.slice(6));
}
