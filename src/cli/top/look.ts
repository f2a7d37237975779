import type { SqlValue } from '../../sql/types.ts';
import { hotSources } from '../../tables/hot-sources.ts';
import type { RowSource } from '../row-source.ts';

/** How far back sources are counted, seconds. */
export const SPAN = 10;

const LOSS = `SELECT class, seen, stored, excluded_kernel + excluded_stream, coalesced,
  rate_limited + lost_ring + lost_map + lost_decode + lost_queue + lost_store
  FROM weir_loss WHERE class <> 'seen'`;

/** Counters of a class since the daemon started. */
export interface ClassCounts {
  readonly seen: number;
  readonly stored: number;
  readonly excluded: number;
  readonly coalesced: number;
  readonly lost: number; // and limited
}

export interface HotSource {
  readonly kind: string;
  readonly name: string;
  readonly classes: string;
  readonly rows: number;
  readonly events: number;
  readonly bytes: number;
  readonly percent: number;
  readonly label: string | null;
}

export interface Look {
  readonly at: number; // milliseconds, monotonic
  readonly classes: ReadonlyMap<string, ClassCounts>;
  readonly sources: readonly HotSource[];
}

async function allRows(
  source: RowSource,
  sql: string,
  signal: AbortSignal,
): Promise<(readonly SqlValue[])[]> {
  const rows: (readonly SqlValue[])[] = [];
  for await (const some of source.ask(sql, { maxRows: 0, signal }).rows) rows.push(...some);
  return rows;
}

/** Rejects with WeirError SQL_*, DAEMON_GONE. */
export async function look(source: RowSource, signal: AbortSignal): Promise<Look> {
  const counts = await allRows(source, LOSS, signal);
  const at = performance.now();
  const sources = await allRows(source, hotSources(SPAN), signal);
  return {
    at,
    classes: new Map(
      counts.map(([name, seen, stored, excluded, coalesced, lost]) => [
        String(name),
        {
          seen: Number(seen),
          stored: Number(stored),
          excluded: Number(excluded),
          coalesced: Number(coalesced),
          lost: Number(lost),
        },
      ]),
    ),
    sources: sources.map(([kind, name, classes, rows, events, bytes, percent, , label]) => ({
      kind: String(kind),
      name: String(name),
      classes: String(classes),
      rows: Number(rows),
      events: Number(events),
      bytes: Number(bytes),
      percent: Number(percent),
      label: label === null ? null : String(label),
    })),
  };
}

/** What happened between two looks, a second. */
export function rates(before: Look, now: Look): ReadonlyMap<string, ClassCounts> {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const found = new Map<string, ClassCounts>();
  for (const [name, counts] of now.classes) {
    const old = before.classes.get(name);
    // A daemon that was started anew counts from 0.
    const rate = (key: keyof ClassCounts): number =>
      Math.max(0, counts[key] - (old?.[key] ?? counts[key])) / seconds;
    found.set(name, {
      seen: rate('seen'),
      stored: rate('stored'),
      excluded: rate('excluded'),
      coalesced: rate('coalesced'),
      lost: rate('lost'),
    });
  }
  return found;
}
