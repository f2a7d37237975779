import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { loadExtension } from '../../src/sql/load-extension.ts';
import { attachTables } from '../../src/tables/bridge/attach.ts';
import { entryOf } from '../../src/tables/bridge/entry.ts';
import type { StateTable } from '../../src/tables/bridge/table.ts';

export type Row = Record<string, string | number | bigint | Buffer | null>;

/** Tables on a connection of their own, as queries see them. */
export interface TableSet {
  readonly db: Database.Database;
  /** Rows as objects; whole numbers are plain numbers. */
  all(sql: string, ...values: unknown[]): Row[];
  /** What statements warned about since the last call. */
  warnings(): string[];
  close(): void;
}

/** @param root folder that stands for /, such as a fixture; '' is this host */
export function openTables(tables: readonly StateTable[], root = ''): TableSet {
  const db = new Database(':memory:');
  loadExtension(db);
  const warnings = attachTables(native.connections.last(), tables.map(entryOf), root);
  return {
    db,
    all: (sql, ...values) => db.prepare<unknown[], Row>(sql).all(...values),
    warnings: () => warnings.take(),
    close: () => db.close(),
  };
}
