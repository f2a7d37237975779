import { existsSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { bigint, defineTable, text } from '../../bridge/table.ts';

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

export const detections = defineTable({
  name: 'detections',
  description: 'What rules have found, repeats together, from the results database',
  columns: {
    id: bigint('What "weir detections" calls it'),
    status: text('new, acknowledged, closed, false_positive'),
    severity: text('info, low, medium, high, critical'),
    rule: text('Name of the query'),
    description: text('Of the rule'),
    attack: text('ATT&CK techniques, a JSON array'),
    count: bigint('Rows that matched'),
    first_time: bigint('When the rule first saw it, seconds since 1970'),
    last_time: bigint('When the rule last saw it, seconds since 1970'),
    status_time: bigint('When the status was changed, seconds since 1970'),
    host: text('Host, as in log lines'),
    row: text('The newest matching row, a JSON object'),
  },
  examples: [
    "SELECT id, severity, rule, count FROM detections WHERE status = 'new' ORDER BY last_time DESC",
  ],
  rows: 1000,
  *generate() {
    const path = getEnvironmentData(FILE) as string | undefined;
    if (path === ELSEWHERE) {
      throw new Error('detections are in PostgreSQL; "weir detections" lists them');
    }
    if (path === undefined || !existsSync(path)) return;
    // Not with the other imports: each query thread has all tables, few ask for this one.
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      const rows = database
        .prepare(
          `SELECT id, status, severity, rule, description, attack, count, first_time, last_time,
             status_time, host, row FROM detection_groups ORDER BY id`,
        )
        .iterate();
      for (const row of rows) yield row;
    } finally {
      database.close();
    }
  },
});
