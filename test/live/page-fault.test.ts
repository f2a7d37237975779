import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Watch } from '../helpers/watch.ts';

/** What they leave fits into the ring, however busy the machine is. */
const ROUNDS = '3000';

describe('live: names that are out of memory when they are looked at', () => {
  let watch: Watch;
  before(async () => {
    // The better tiers take names from the kernel.
    watch = await Watch.start({ sensor: { tiers: 'tracepoint', repeats: { interval_ms: 0 } } });
  });
  after(() => watch?.stop());

  it('leave rows that say so, as many as are counted, and no wrong name', async () => {
    const folder = join(watch.scratch, 'fault');
    mkdirSync(folder);
    const { code, stdout, pid } = await watch.run(watch.compile('page_fault'), folder, ROUNDS);
    assert.equal(code, 0);
    const { rounds, path } = JSON.parse(stdout);
    const loss = await watch.lossAtRest('file');
    const rows = await watch.daemon.query(
      `SELECT operation, path, truncated, source, count(*) AS n FROM process_file_events
        WHERE pid = ${pid} AND operation IN ('mkdir', 'rmdir') GROUP BY 1, 2, 3, 4`,
    );
    const of = (wanted: object) =>
      rows
        .filter((row) => Object.entries(wanted).every(([name, value]) => row[name] === value))
        .reduce((sum, { n }) => sum + Number(n), 0);
    const named = { path, truncated: '', source: 'user' };
    const unread = { path: null, truncated: 'target_path', source: 'user' };
    for (const operation of ['mkdir', 'rmdir']) {
      assert.equal(of({ operation }), rounds);
      assert.equal(of({ operation, ...named }) + of({ operation, ...unread }), rounds);
    }
    assert.ok((loss.page_faults ?? 0) > 0);
    assert.equal(of(unread), loss.page_faults);
  });
});
