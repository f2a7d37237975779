/**
 * What tables there are, asked in SQL, so that the shell gets the same answer from a daemon as from
 * the store itself.
 */
import type Database from 'better-sqlite3';

/** SQLite's own modules and the faces that only exist inside a window. */
const NOT_OURS =
  /^(?:fts\d|rtree|geopoly|json|jsonb|pragma_|dbstat|sqlite_|generate_series|carray|bytecode|tables_used|stmt|completion|new_|old_)/;

/** Names of weir's tables; one column, `name`. */
export const TABLES_SQL = 'SELECT name FROM pragma_module_list ORDER BY name';

/** Columns of a table, hidden ones included: name, type, hidden (0 or 1). */
export function columnsSql(table: string): string {
  const name = table.replaceAll("'", "''");
  return `SELECT name, type, hidden FROM pragma_table_xinfo('${name}')`;
}

/** Whether a module of TABLES_SQL is one of weir's tables. */
export function isTable(name: string): boolean {
  return !NOT_OURS.test(name);
}

/** Tables seen by a connection of this thread. */
export function tableNames(db: Database.Database): string[] {
  const rows = db.prepare<[], string>(TABLES_SQL).pluck().all();
  return rows.filter(isTable);
}

export function columnNames(db: Database.Database, table: string): string[] {
  return db.prepare<[], string>(columnsSql(table)).pluck().all();
}

/** Functions that a query can call, each once. */
export function functionNames(db: Database.Database): string[] {
  return db.prepare<[], string>('SELECT DISTINCT name FROM pragma_function_list').pluck().all();
}

/** How many arguments a function takes, where it says so. */
export function argumentCounts(db: Database.Database, name: string): string[] {
  const sql =
    'SELECT DISTINCT CAST(narg AS TEXT) FROM pragma_function_list WHERE name = ? AND narg >= 0 ORDER BY narg';
  return db.prepare<[string], string>(sql).pluck().all(name);
}
