/** osquery's auto_table_construction: a table that is a query of other SQLite files. */
import { native } from '../../native/addon.ts';
import type { TableContext } from '../bridge/context.ts';
import { type Cell, type Columns, type RowOf, type StateTable, text } from '../bridge/table.ts';
import { shownPath, toBytePath } from '../host/byte-path.ts';
import { exactText } from '../host/host.ts';
import { isPattern, walk } from '../host/walk.ts';
import { openDatabase } from './open-database.ts';

/** One of them, as the configuration says. */
export interface Construction {
  readonly name: string;
  /** File, or pattern with `%`. */
  readonly path: string;
  readonly query: string;
  /** Of the query's columns, by name; all are text. */
  readonly columns: readonly string[];
}

/** Beside a database, not databases themselves. */
const BESIDE = /-(?:wal|shm|journal)$/;

function* filesOf(context: TableContext, path: string): Iterable<string> {
  const pattern = toBytePath(path.replaceAll('*', '%'));
  const asked = context.paths('path');
  const { host } = context;
  const found = walk(host, pattern, {
    only: ['file', 'link'],
    checkpoint: () => context.checkpoint(),
    warn: (message) => context.warn(message),
  });
  for (const file of found) {
    if (isPattern(pattern) && BESIDE.test(file)) continue;
    if (asked === undefined || asked.includes(file)) yield file;
  }
}

/** For each wanted column, where the query has it; SQL does not tell capital letters apart. */
function places(wanted: readonly string[], given: readonly string[]): number[] {
  const lower = given.map((name) => name.toLowerCase());
  return wanted.map((name) => {
    const exact = given.indexOf(name);
    return exact >= 0 ? exact : lower.indexOf(name.toLowerCase());
  });
}

function* rowsIn(
  context: TableContext,
  file: string,
  { query, columns }: Construction,
): Iterable<Record<string, Cell>> {
  const { fileDatabases } = native;
  const database = openDatabase(context, file, query);
  if (database === undefined) return;
  try {
    const given = fileDatabases.columns(database);
    const at = places(columns, given);
    const missing = columns.filter((_, i) => at[i] === -1);
    if (missing.length > 0) context.warn(`the query has no column ${missing.join(', ')}`);
    for (;;) {
      const { bytes, lengths } = fileDatabases.read(database);
      if (lengths.length === 0) return;
      let from = 0;
      for (let row = 0; row < lengths.length; row += given.length) {
        const values = given.map((_, i): Cell => {
          const length = lengths[row + i] as number;
          if (length < 0) return null;
          from += length;
          return exactText(bytes.subarray(from - length, from));
        });
        yield Object.fromEntries(columns.map((name, i) => [name, values[at[i] as number]]));
      }
    }
  } finally {
    fileDatabases.close(database);
  }
}

export function constructedTable(said: Construction): StateTable {
  // `path` is always there, and always the file's.
  const columns = said.columns.filter((name) => name.toLowerCase() !== 'path');
  const construction = { ...said, columns };
  return {
    name: said.name,
    description: `Rows of ${said.path}`,
    columns: {
      path: text('The database', { index: true }),
      ...Object.fromEntries(columns.map((name) => [name, text(`${name} of the query`)])),
    },
    examples: [`SELECT * FROM ${said.name}`],
    *generate(context): Iterable<RowOf<Columns>> {
      for (const file of filesOf(context, said.path)) {
        context.checkpoint();
        const path = shownPath(file);
        try {
          for (const row of rowsIn(context, file, construction)) yield { ...row, path };
        } catch (error) {
          const { message } = error as Error;
          if (message === 'interrupted') throw error;
          // Asked in any case: or the next failure on this thread would be taken for that one.
          const full = native.connections.temporaryFilesRefused() !== null;
          const why = full ? 'sorting its rows takes more than query.max_temporary_bytes' : message;
          context.warn(`${String(path)}: ${why}`);
        }
      }
    },
  };
}
