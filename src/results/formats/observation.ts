import { isIP } from 'node:net';
import { basename } from 'node:path';
import type { LoggedRun, ResultRow } from '../types.ts';

export type What = 'process' | 'network' | 'file' | 'other';

/** Process, user, file and network of a result row, by the names of its columns. */
export interface Observation {
  readonly what: What;
  /** What was done in the words of its table, else added, removed or snapshot. */
  readonly action: string;
  /** Milliseconds since 1970: when it happened, else when the query ran. */
  readonly timeMs: number;
  readonly columns: Readonly<Record<string, string>>;
  /** Executable of the process. */
  readonly executable: string | undefined;
  /** The file that was touched; undefined unless `what` is file. */
  readonly file: string | undefined;
  /** The process's own end, and the other; undefined unless `what` is network. */
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
  /** The other end began. */
  readonly inbound: boolean;
}

export interface Endpoint {
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

/** osquery's words for file actions, in weir's. */
const OPERATIONS: Readonly<Record<string, string>> = {
  created: 'create',
  deleted: 'unlink',
  updated: 'close_write',
  moved_from: 'rename',
  moved_to: 'rename',
  attributes_modified: 'chmod',
  opened: 'open_write',
  accessed: 'open_read',
};
/** 2001, before which no clock of a running host is. */
const FIRST_SECOND = 1e9;

/** Reads a row by its columns' names: those of weir's and osquery's tables. */
export function observe(run: LoggedRun, row: ResultRow): Observation {
  const columns = textColumns(row.columns);
  const what = kindOf(columns);
  // process_file_events calls the file path and the program executable.
  const byOperation = columns.operation !== undefined && columns.target_path === undefined;
  const done = (columns.action ?? columns.operation ?? '').toLowerCase();
  return {
    what,
    action: OPERATIONS[done] ?? (done === '' ? defaultAction(run, what, row) : done),
    timeMs: timeOf(columns) ?? run.unixTime * 1000,
    columns,
    executable: what === 'file' && byOperation ? columns.executable : columns.path,
    file: what === 'file' ? (columns.target_path ?? columns.path) : undefined,
    local: what === 'network' ? endpoint(columns.local_address, columns.local_port) : undefined,
    remote: what === 'network' ? endpoint(columns.remote_address, columns.remote_port) : undefined,
    inbound: done === 'accept',
  };
}

/** A column's whole number; undefined when it has none. */
export function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

export function nameOf(path: string | undefined): string | undefined {
  return path === undefined || path === '' ? undefined : basename(path) || path;
}

function textColumns(json: string): Record<string, string> {
  const parsed = JSON.parse(json) as Readonly<Record<string, string | number>>;
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}

function kindOf(columns: Readonly<Record<string, string>>): What {
  if (columns.target_path !== undefined) return 'file';
  if (columns.operation !== undefined && columns.path !== undefined) return 'file';
  if (columns.remote_address !== undefined || columns.remote_port !== undefined) return 'network';
  if (columns.local_address !== undefined || columns.local_port !== undefined) return 'network';
  return columns.pid === undefined ? 'other' : 'process';
}

function defaultAction(run: LoggedRun, what: What, row: ResultRow): string {
  // process_events has one kind of row, and no column that says so.
  return run.kind === 'events' && what === 'process' ? 'exec' : row.action;
}

function timeOf({ ntime, time }: Readonly<Record<string, string>>): number | undefined {
  if (ntime !== undefined && /^\d{18,19}$/.test(ntime)) return Number(BigInt(ntime) / 1_000_000n);
  const seconds = integer(time);
  return seconds !== undefined && seconds > FIRST_SECOND ? seconds * 1000 : undefined;
}

function endpoint(address: string | undefined, port: string | undefined): Endpoint {
  const ip = address !== undefined && isIP(address) !== 0 ? address : undefined;
  const number = integer(port);
  return { ip, port: number === undefined || number <= 0 ? undefined : number };
}
