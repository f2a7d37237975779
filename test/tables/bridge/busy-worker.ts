import { parentPort } from 'node:worker_threads';
import { STATE_TABLES } from '../../../src/tables/state/index.ts';
import { openTables } from '../../helpers/tables.ts';

/** Asks tables without end, and is terminated in the middle of whatever it does. */
const set = openTables(STATE_TABLES);
parentPort?.postMessage('ready');
for (;;) {
  set.all('SELECT * FROM processes');
  set.all('SELECT p.name, f.path FROM processes p JOIN process_open_files f USING (pid)');
  set.all("SELECT path FROM file WHERE path LIKE '/etc/%%'");
}
