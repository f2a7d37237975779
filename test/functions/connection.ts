import Database from 'better-sqlite3';
import { loadExtension } from '../../src/sql/load-extension.ts';

export type Value = string | number | bigint | null | Uint8Array;

/** A connection with weir's functions and nothing else. */
export function openFunctions(): Database.Database {
  const db = new Database(':memory:');
  loadExtension(db);
  return db;
}

/** The value of an SQL expression. */
export function evaluate(db: Database.Database, expression: string, ...values: Value[]): unknown {
  return db
    .prepare<unknown[], unknown>(`SELECT ${expression}`)
    .pluck()
    .get(...values);
}
