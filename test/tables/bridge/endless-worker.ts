import { parentPort } from 'node:worker_threads';
import { bigint, defineTable } from '../../../src/tables/bridge/table.ts';
import { openTables } from '../../helpers/tables.ts';

/** Reads a table without end, and is terminated in the middle. */
const endless = defineTable({
  name: 'endless',
  description: 'Rows without end',
  columns: { n: bigint('Number') },
  examples: [],
  *generate() {
    for (let n = 0; ; n++) {
      if (n === 5000) parentPort?.postMessage('walking');
      yield { n };
    }
  },
});

openTables([endless]).all('SELECT count(*) FROM endless');
