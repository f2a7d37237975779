import { WeirError } from '../config/errors.ts';
import { suggest } from '../config/suggest.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';
import type { ColumnSpec, EventTableSpec } from '../tables/spec.ts';

/** Tables that a tail without any shows. */
export const DEFAULT_TAIL = [
  'process_events',
  'socket_events',
  'process_file_events',
  'kernel_events',
];

function find(name: string): EventTableSpec {
  const table = EVENT_TABLES.find((candidate) => candidate.name === name);
  if (table !== undefined) return table;
  const names = EVENT_TABLES.map((candidate) => candidate.name);
  const meant = suggest(name, names);
  const hint = meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${meant}?`;
  throw new WeirError('TAIL_TABLE', `${name} is no event table; ${hint}`, { exitCode: 64 });
}

/** Hidden columns without which a row would not say what happened. */
const NEEDED = new Set(['socket_events.socket', 'socket_events.local_path']);

/** Integers that a double cannot hold become text, as everywhere in weir's JSON. */
function jsonArgument(column: ColumnSpec): string {
  const name = `"${column.name}"`;
  const wide = column.type === 'BIGINT' || column.type === 'UNSIGNED_BIGINT';
  const value = wide
    ? `CASE WHEN ${name} NOT BETWEEN -9007199254740991 AND 9007199254740991 THEN CAST(${name} AS TEXT) ELSE ${name} END`
    : name;
  return `'${column.name}', ${value}`;
}

/**
 * The statement that yields a window's new rows of these tables as JSON objects in order of seq.
 * `where` is any SQL expression over each table's columns.
 *
 * @throws WeirError TAIL_TABLE for a name that is no event table
 */
export function tailQuery(tables: readonly string[], where: string): string {
  const parts = tables.map(find).map((table) => {
    const shown = table.columns
      .filter((column) => !column.hidden || NEEDED.has(`${table.name}.${column.name}`))
      .map(jsonArgument);
    const row = `json_object('table', '${table.name}', 'seq', CAST(seq AS TEXT), ${shown.join(', ')})`;
    // A newline ends a comment that the expression may finish with.
    const filter = where === '' ? '' : ` WHERE (${where}\n)`;
    return `SELECT ${row} AS row, seq FROM new_${table.name} AS ${table.name}${filter}`;
  });
  return `${parts.join(' UNION ALL ')} ORDER BY 2`;
}
