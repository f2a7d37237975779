import type { RowSource } from '../row-source.ts';
import { type NamedRow, namedRows } from './named-rows.ts';

export interface Timeline {
  /** Rows of event tables, with `table`, in order of events. */
  readonly rows: readonly NamedRow[];
  /** There were more. */
  readonly cut: boolean;
}

const TABLES = [
  'process_events',
  'process_file_events',
  'socket_events',
  'dns_events',
  'kernel_events',
  'behavior_events',
];

/**
 * What processes did between two times.
 *
 * @param ids process_ids, decimal
 * @param from to seconds since 1970, both included
 * @param most rows, the oldest
 */
export async function timeline(
  source: RowSource,
  ids: readonly string[],
  from: number,
  to: number,
  most: number,
): Promise<Timeline> {
  const rows: NamedRow[] = [];
  let cut = false;
  for (const table of TABLES) {
    const found = await namedRows(
      source,
      `SELECT *, seq, ntime, process_id FROM ${table} WHERE process_id IN (${ids.join(', ')})
       AND time BETWEEN ${from} AND ${to} ORDER BY seq LIMIT ${most + 1}`,
    );
    cut ||= found.length > most;
    rows.push(...found.map((row) => ({ ...row, table })));
  }
  // Numbers beyond 2^53 compare as text of one length.
  const order = (row: NamedRow): string => (row.seq ?? '').padStart(20, '0');
  rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { rows: rows.slice(0, most), cut: cut || rows.length > most };
}
