import { createHash } from 'node:crypto';
import type { Severity } from './types.ts';

export const DETECTION_STATUSES = ['new', 'acknowledged', 'closed', 'false_positive'] as const;
export type DetectionStatus = (typeof DETECTION_STATUSES)[number];

/** Repeats join a detection that is open; of one that is done with, a new one begins. */
export function isOpen(status: DetectionStatus): boolean {
  return status === 'new' || status === 'acknowledged';
}

/** What people look at: a rule's finding with its repeats. */
export interface DetectionGroup {
  readonly id: number;
  readonly host: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly attack: readonly string[];
  readonly description: string;
  readonly status: DetectionStatus;
  /** Seconds since 1970; when the status was last changed, null: never. */
  readonly statusTime: number | null;
  /** Seconds since 1970: when the rule saw the first and the last of its rows. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** Rows that matched. */
  readonly count: number;
  /** The newest of them, JSON object text. */
  readonly row: string;
}

export interface MatchingRow {
  /** That of the log line. */
  readonly id: string;
  readonly unixTime: number;
  /** JSON object text. */
  readonly row: string;
}

/** Differ between repeats of the same thing. */
const VARYING: ReadonlySet<string> = new Set([
  'time',
  'ntime',
  'first_ntime',
  'uptime',
  'boottime_ns',
  'eid',
  'seq',
  'count',
]);

/**
 * What makes two rows of a rule repeats: the process where the row names one, else all columns
 * that do not differ each time. Hexadecimal, 64 characters.
 */
export function groupKey(rule: string, row: string): string {
  const columns = JSON.parse(row) as Readonly<Record<string, unknown>>;
  const process = String(columns.process_id ?? '');
  const identity =
    process !== '' && process !== '0'
      ? ['process', process]
      : ['row', ...Object.entries(columns).filter(([name]) => !VARYING.has(name))];
  return createHash('sha256')
    .update(JSON.stringify([rule, identity]))
    .digest('hex');
}
