import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import { allTables } from '../tables/all.ts';
import { attachTables } from '../tables/bridge/attach.ts';
import type { Warnings } from '../tables/bridge/warnings.ts';
import { HOT_SOURCES } from '../tables/hot-sources.ts';
import { loadExtension } from './load-extension.ts';

/** Names, which need no quotes, and SELECTs. */
export type ViewList = readonly (readonly [name: string, sql: string])[];

/** In place of a store: event tables are there and empty, all others as on a host with a store. */
export const NO_STORE = ':memory:';

/** A restricted connection to the event store. Belongs to the thread that opened it. */
export interface Connection {
  readonly db: Database.Database;
  /** What native.connections calls it. */
  readonly id: number;
  /** What its statements warned about. */
  readonly warnings: Warnings;
}

// Results of many queries are sorted or grouped at once on small machines: sorters spill to files
// instead of memory, and each connection's page cache stays small (blocks are cached natively).
const PRAGMAS = [
  'temp_store = FILE',
  'cache_size = -4096',
  'mmap_size = 0',
  'trusted_schema = OFF',
  'cell_size_check = ON',
];

// Limits of what a statement may ask for, far above honest use.
const BUSY_MS = 2000;

/**
 * Counts the temporary files of this thread's queries, which `query.max_temporary_bytes` bounds.
 * Before the thread opens its connection. Not for threads that write: they must not be refused
 * because of what queries need.
 */
export function boundTemporaryFiles(): void {
  if (native.connections.boundTemporaryFiles()) return;
  const first = new Database(NO_STORE);
  try {
    loadExtension(first);
    native.connections.boundTemporaryFiles();
  } finally {
    first.close();
  }
}

/** One that is wrong is no view: the check of the configuration has told why. */
function createView(db: Database.Database, [name, sql]: ViewList[number]): void {
  try {
    db.prepare(`CREATE TEMP VIEW "${name}" AS ${sql}`).run();
  } catch {
    // Queries that read it are told that there is no such table.
  }
}

/** The file is no database, or a damaged one: in SQLite's words, without the file's name. */
const DAMAGED = /^SQLITE_(NOTADB|CORRUPT)/;

function explained(path: string, error: unknown): unknown {
  const code = String((error as { code?: unknown }).code);
  if (!DAMAGED.test(code)) return error;
  const remedy = 'a daemon that starts sets it aside and begins a new one';
  const what = `event store ${path}: ${(error as Error).message}; ${remedy}`;
  return new WeirError('STORE_CORRUPT', what, { cause: error });
}

/**
 * Opens the event store for reading.
 *
 * @param path events.db, or NO_STORE
 * @param views what queries may read like tables; one that is wrong fails where it is read
 * @throws WeirError STORE_CORRUPT; SqliteError when there is no store at `path`, or no permission to
 *   read it.
 */
export function openConnection(path: string, views: ViewList = []): Connection {
  const file = { readonly: true, fileMustExist: true, timeout: BUSY_MS };
  const db = path === NO_STORE ? new Database(path) : new Database(path, file);
  try {
    loadExtension(db);
    const id = native.connections.last();
    const warnings = attachTables(id, allTables().tables);
    for (const pragma of PRAGMAS) db.pragma(pragma);
    // In the temporary schema, which setting temp_store has just emptied.
    for (const view of [HOT_SOURCES, ...views]) createView(db, view);
    db.pragma('query_only = ON');
    db.defaultSafeIntegers(true);
    // Last: from here on the authorizer refuses what changes state.
    native.connections.restrict(id);
    return { db, id, warnings };
  } catch (error) {
    db.close();
    throw explained(path, error);
  }
}
