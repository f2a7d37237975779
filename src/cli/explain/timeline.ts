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
];
const MOST = 200;

/**
 * What processes did between two times.
 *
 * @param ids process_ids, decimal
 * @param from to seconds since 1970, both included
 */
export async function timeline(
  source: RowSource,
  ids: readonly string[],
  from: number,
  to: number,
): Promise<Timeline> {
  const rows: NamedRow[] = [];
  let cut = false;
  for (const table of TABLES) {
    const found = await namedRows(
      source,
      `SELECT *, seq FROM ${table} WHERE process_id IN (${ids.join(', ')})
       AND time BETWEEN ${from} AND ${to} ORDER BY seq LIMIT ${MOST + 1}`,
    );
    cut ||= found.length > MOST;
    rows.push(...found.map((row) => ({ ...row, table })));
  }
  // Numbers beyond 2^53 compare as text of one length.
  const order = (row: NamedRow): string => (row.seq ?? '').padStart(20, '0');
  rows.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { rows: rows.slice(0, MOST), cut: cut || rows.length > MOST };
}
