import { join } from 'node:path';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import type { NativeStore, StoreOptions } from '../../src/native/store.ts';
import { CLASS_NAMES, type ClassName } from '../../src/sensor/schema.ts';
import { loadExtension } from '../../src/sql/load-extension.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

export type Row = Readonly<Record<string, string | Uint8Array | number | bigint | null>>;

/** Loads the extension; returns the connection's id. */
export function extend(db: Database.Database): number {
  loadExtension(db);
  return native.connections.last();
}

/** A store in a folder of its own, with the readers that a test opens; `dispose` ends all. */
export class StoreFixture {
  readonly folder = makeScratch();
  readonly path = join(this.folder, 'events.db');
  readonly #readers: Database.Database[] = [];
  #store: NativeStore;

  constructor(options: Partial<StoreOptions> = {}) {
    const first = new Database(':memory:');
    extend(first);
    this.#readers.push(first);
    this.#store = native.openStore({ path: this.path, ...options });
  }

  get store(): NativeStore {
    return this.#store;
  }

  async reopen(options: Partial<StoreOptions> = {}): Promise<void> {
    await this.#store.close();
    this.#store = native.openStore({ path: this.path, ...options });
  }

  reader(): Database.Database {
    const db = new Database(this.path, { readonly: true });
    this.#readers.push(db);
    extend(db);
    return db;
  }

  append(className: ClassName, rows: readonly Row[]): { firstSeq: bigint; lastSeq: bigint } {
    return this.#store.append(native.buildBatch(CLASS_NAMES.indexOf(className), rows), null, []);
  }

  async dispose(): Promise<void> {
    for (const db of this.#readers) db.close();
    await this.#store.close();
    removeScratch(this.folder);
  }
}

/** All values of the first column. */
export function column(db: Database.Database, sql: string, ...values: unknown[]): unknown[] {
  return db
    .prepare<unknown[], unknown>(sql)
    .pluck()
    .all(...values);
}

/** The first column of the only row. */
export const value = (db: Database.Database, sql: string): unknown => column(db, sql)[0];
