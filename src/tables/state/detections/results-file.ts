import { existsSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const FILE = 'weir.results.file';
const ELSEWHERE = ''; // environment data knows no null

/**
 * Sets the results database for this thread and all that it starts from now on: a file, or null
 * when results are kept elsewhere.
 */
export function useResultsFile(path: string | null): void {
  setEnvironmentData(FILE, path ?? ELSEWHERE);
}

/** Waits for the one writer no longer than a query thread's own connection does. */
const BUSY_MS = 2000;

/**
 * Rows of the results database; none while there is none.
 *
 * @param what for the error when they are in PostgreSQL
 */
export function* resultRows(sql: string, what: string): Iterable<Record<string, unknown>> {
  const path = getEnvironmentData(FILE) as string | undefined;
  if (path === ELSEWHERE) throw new Error(what);
  if (path === undefined || !existsSync(path)) return;
  // By the SQLite that the daemon writes it with, never by Node's own: POSIX locks belong to the
  // process, so that one's closing takes the other's away. The next program that opens the file then
  // thinks it is the first, and truncates the log's index under the daemon, which ends with SIGBUS.
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  try {
    for (const row of database.prepare<[], Record<string, unknown>>(sql).iterate()) yield row;
  } finally {
    database.close();
  }
}
