import { eventWords } from '../../event-line.ts';
import type { NamedRow } from '../named-rows.ts';

/** What kinds of events look like on the page; the first is that of any other table. */
const KINDS = {
  process_events: 'program',
  process_file_events: 'file',
  socket_events: 'socket',
  dns_events: 'name',
  kernel_events: 'kernel',
} as const;

export type EventKind = (typeof KINDS)[keyof typeof KINDS];
export const EVENT_KINDS: readonly EventKind[] = Object.values(KINDS);

export interface PageEvent {
  readonly kind: EventKind;
  /** process_id, decimal. */
  readonly process: string;
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number;
  readonly who: string;
  readonly what: string;
}

/** Milliseconds since 1970 of a row of an event table. */
export function timeOf(row: Readonly<Record<string, unknown>>): number | undefined {
  // Beyond 2^53 a nanosecond more or less is invisible.
  const fine = Number(row.ntime ?? 0) / 1e6;
  if (Number.isFinite(fine) && fine > 0) return fine;
  const coarse = Number(row.time ?? 0) * 1000;
  return Number.isFinite(coarse) && coarse > 0 ? coarse : undefined;
}

export function toPageEvent(row: NamedRow): PageEvent {
  const kind = KINDS[row.table as keyof typeof KINDS] ?? 'program';
  return { kind, process: row.process_id ?? '', time: timeOf(row) ?? 0, ...eventWords(row) };
}

/** Local time of day with milliseconds. */
export function clock(time: number): string {
  const date = new Date(time);
  const milliseconds = `${date.getMilliseconds()}`.padStart(3, '0');
  return `${date.toTimeString().slice(0, 8)}.${milliseconds}`;
}
