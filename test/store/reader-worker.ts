// Asks the same question again and again while the main thread appends: see cut.test.ts.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { extend } from './fixture.ts';

const CHECK = `SELECT count(*), count(DISTINCT seq), coalesce(max(seq), 0) FROM (
  SELECT seq FROM process_events UNION ALL SELECT seq FROM socket_events
  UNION ALL SELECT seq FROM process_lifecycle_events)`;

const db = new Database(workerData as string, { readonly: true });
extend(db);
const check = db.prepare<[], [number, number, number]>(CHECK).raw();
let asked = 0;
let grown = 0;
let last = 0;
let stop = false;
parentPort?.on('message', () => {
  stop = true;
});

function ask(): void {
  const [rows, distinct, highest] = check.get() ?? [0, 0, 0];
  asked++;
  if (highest > last) grown++;
  const wrong = rows !== highest || distinct !== highest || highest < last;
  last = highest;
  if (!wrong && !stop) {
    setImmediate(ask);
    return;
  }
  db.close();
  parentPort?.postMessage({ asked, grown, rows, distinct, highest, wrong });
  parentPort?.close();
}
parentPort?.postMessage('ready');
ask();
