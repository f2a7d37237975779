import { SYSLOG_FACILITIES } from '../config/schema/names.ts';
import type { HostRow } from './feed.ts';

/** What is asked of journalctl beside what it always gives. */
export const JOURNAL_FIELDS = [
  ...['MESSAGE', 'PRIORITY', 'SYSLOG_FACILITY', 'SYSLOG_IDENTIFIER', 'SYSLOG_TIMESTAMP'],
  ...['_PID', '_UID', '_GID', '_COMM', '_EXE', '_HOSTNAME', '_AUDIT_LOGINUID', '_AUDIT_SESSION'],
];

/** By number: 12 to 15 are not syslog(3)'s. */
const FACILITIES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(SYSLOG_FACILITIES).map(([name, number]) => [number, name]),
);

export interface JournalEntry {
  readonly cursor: string;
  readonly row: HostRow;
}

/** A line of `journalctl -o json`; undefined when it is none. */
export function journalEntry(line: Buffer): JournalEntry | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line.toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null) return undefined;
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' ? (fields[name] as string) : undefined;
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
  };
  const micros = text('__REALTIME_TIMESTAMP');
  const cursor = text('__CURSOR');
  if (cursor === undefined || micros === undefined || !/^\d{1,18}$/.test(micros)) return undefined;
  const facility = number('SYSLOG_FACILITY');
  const pid = number('_PID');
  return {
    cursor,
    row: {
      topic: 'syslog',
      source: 'journal',
      time_ns: BigInt(micros) * 1000n,
      datetime: text('SYSLOG_TIMESTAMP')?.trim() || new Date(Number(micros) / 1000).toISOString(),
      host: text('_HOSTNAME'),
      severity: number('PRIORITY'),
      facility: facility === undefined ? undefined : FACILITIES[facility],
      tag: text('SYSLOG_IDENTIFIER') ?? text('_COMM'),
      message: message(fields.MESSAGE),
      ...(pid === undefined ? {} : { pid }),
      uid: number('_UID'),
      gid: number('_GID'),
      auid: number('_AUDIT_LOGINUID'),
      comm: text('_COMM'),
      path: text('_EXE'),
      session: number('_AUDIT_SESSION'),
    },
  };
}

/** journalctl writes as a list of bytes what is no UTF-8 or holds control characters. */
function message(value: unknown): string | Uint8Array | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  return Uint8Array.from(value.filter((byte) => typeof byte === 'number') as number[]);
}
