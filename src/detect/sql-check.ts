import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import { explainFailure } from '../sql/failure.ts';
import { loadExtension } from '../sql/load-extension.ts';
import { allTables } from '../tables/all.ts';
import { attachTables } from '../tables/bridge/attach.ts';

/** Says whether SQL can be prepared here: null, or what is wrong with it in one line. */
export type SqlCheck = (sql: string) => string | null;

export interface SqlChecker {
  readonly check: SqlCheck;
  /** Whether a regular expression can be used: null, or what is wrong with it. */
  regex(pattern: string): string | null;
  close(): void;
}

/**
 * Prepares statements against weir's tables, without a store and without running them.
 *
 * @throws WeirError SQL_EXTENSION when the addon cannot be loaded.
 */
export function openSqlChecker(): SqlChecker {
  const db = new Database(':memory:');
  try {
    loadExtension(db);
    attachTables(native.connections.last(), allTables().tables);
  } catch (cause) {
    db.close();
    throw new WeirError('SQL_EXTENSION', 'cannot load weir’s tables: build them first', { cause });
  }
  return {
    check(sql) {
      try {
        return db.prepare(sql).reader ? null : 'not a query: only SELECT can be scheduled';
      } catch (error) {
        const never = { stopped: false, late: false };
        return explainFailure(db, { sql, timeoutMs: 0 }, error, never).message;
      }
    },
    regex(pattern) {
      try {
        db.prepare("SELECT '' REGEXP ?").get(pattern);
        return null;
      } catch (error) {
        return (error as Error).message;
      }
    },
    close: () => db.close(),
  };
}
