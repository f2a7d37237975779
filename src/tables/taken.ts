import { EVENT_TABLES } from './events/index.ts';
import { stateTables } from './state/index.ts';

/** SQLite's own modules, faces of event tables, and tables that the addon makes. */
const RESERVED = /^(?:sqlite_|pragma_|new_|old_|weir_|json_|fts\d|rtree|generate_series|dbstat)/;

let names: ReadonlySet<string> | undefined;

/** Whether a name, in small letters, is a table's that weir has: another one would hide it. */
export function isTaken(name: string): boolean {
  names ??= new Set([
    ...stateTables().flatMap(({ declared }) => declared.names),
    ...EVENT_TABLES.map((table) => table.name),
  ]);
  return names.has(name) || RESERVED.test(name);
}
