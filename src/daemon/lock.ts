import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';

/**
 * Holds the state directory for one daemon. The lock is SQLite's on an otherwise useless file: the
 * kernel frees it however the process ends, and it holds across network and pid namespaces.
 */
export class StateLock {
  readonly #db: Database.Database;

  private constructor(db: Database.Database) {
    this.#db = db;
  }

  /**
   * @throws WeirError DAEMON_RUNNING when another process holds it, STATE_NOT_WRITABLE when the
   * file cannot be written.
   */
  static take(stateDir: string): StateLock {
    const path = join(stateDir, 'lock');
    let db: Database.Database | null = null;
    try {
      db = new Database(path, { timeout: 0 });
      db.pragma('journal_mode = MEMORY');
      db.exec('BEGIN EXCLUSIVE');
      return new StateLock(db);
    } catch (error) {
      db?.close();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) {
        throw new WeirError(
          'DAEMON_RUNNING',
          `another weir daemon runs on ${stateDir}; ask it with "weir query", or give --state-dir another directory`,
          { cause: error },
        );
      }
      throw new WeirError(
        'STATE_NOT_WRITABLE',
        `cannot write ${path}: ${(error as Error).message}; make ${stateDir} writable or give --state-dir another directory`,
        { cause: error },
      );
    }
  }

  release(): void {
    this.#db.close();
  }
}
