import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  MIXED_LIFE,
  MIXED_SOCKETS,
  mixedFiles,
  type Preempted,
  unmixed,
} from '../helpers/mixed.ts';
import { Watch } from '../helpers/watch.ts';

/** What they leave fits into the ring, however busy the machine is. */
const ROUNDS = '30';

describe('live: threads that take the CPU from each other in the middle of a call', () => {
  let watch: Watch;
  before(async () => {
    const sensor = { rate_limit: { tree: 0, cgroup: 0 }, repeats: { interval_ms: 0 } };
    watch = await Watch.start({ sensor });
  });
  after(() => watch?.stop());

  it('have rows of their own alone, and every one', async () => {
    const folder = join(watch.scratch, 'mixed');
    mkdirSync(folder);
    const done = await watch.run(watch.compile('preempt'), folder, ROUNDS);
    assert.equal(done.code, 0);
    const told: Preempted = JSON.parse(done.stdout);
    const wanted = unmixed(told);
    const files = await watch.rows(mixedFiles(folder), 4);
    const loss = [];
    for (const name of ['file', 'socket', 'lifecycle']) loss.push(await watch.lossAtRest(name));
    const rows = [
      ...(await watch.daemon.query(mixedFiles(folder))),
      ...(await watch.daemon.query(MIXED_SOCKETS)),
      ...(await watch.daemon.query(MIXED_LIFE)),
    ];
    assert.equal(files.length, 4);
    const numbers = rows.map(({ operation, ...rest }) => ({
      operation,
      ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, Number(value)])),
    }));
    assert.deepEqual(numbers, wanted);
    for (const { lost_ring, lost_map, lost_decode, lost_queue } of loss) {
      assert.deepEqual([lost_ring, lost_map, lost_decode, lost_queue], [0, 0, 0, 0]);
    }
  });
});
