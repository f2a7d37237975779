import { parentPort } from 'node:worker_threads';
import { findStateTables } from '../../../src/tables/find-state-tables.ts';
import { openTables } from '../../helpers/tables.ts';

/** Asks tables without end, and is terminated in the middle of whatever it does. */
const set = openTables(findStateTables());
parentPort?.postMessage('ready');
for (;;) {
  set.all('SELECT * FROM processes');
  set.all('SELECT p.name, f.path FROM processes p JOIN process_open_files f USING (pid)');
  set.all("SELECT path FROM file WHERE path LIKE '/etc/%%'");
}
