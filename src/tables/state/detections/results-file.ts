import { existsSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

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
  // Not with the other imports: each query thread has all tables, few ask for these.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    for (const row of database.prepare(sql).iterate()) yield row;
  } finally {
    database.close();
  }
}
