import Database from 'better-sqlite3';
import { constructedTable } from '../../../src/tables/constructed/table.ts';
import { openTables, type Row } from '../../helpers/tables.ts';

export const VISITS = [
  'CREATE TABLE visits(id INTEGER PRIMARY KEY, url TEXT, seen REAL, icon BLOB, at INTEGER)',
  "INSERT INTO visits VALUES (1, 'https://a.example/', 1.5, x'00ff', 9223372036854775807)",
  "INSERT INTO visits VALUES (2, 'https://b.example/\nx', NULL, NULL, -1)",
];

/** A database with what the statements make, those that harm too. */
export function makeDatabase(path: string, ...statements: readonly string[]): string {
  const db = new Database(path);
  db.unsafeMode();
  for (const sql of statements) db.exec(sql);
  db.close();
  return path;
}

/** Asks a table `made` that is a query of the files. */
export function ask(
  path: string,
  query: string,
  columns: readonly string[],
  sql = 'SELECT * FROM made',
): { rows: Row[]; warnings: string[] } {
  const set = openTables([constructedTable({ name: 'made', path, query, columns })]);
  try {
    return { rows: set.all(sql), warnings: set.warnings() };
  } finally {
    set.close();
  }
}
