import assert from 'node:assert/strict';
import { lossByClass, STORM_CLASSES, type Storm, storm } from '../helpers/storm.ts';
import { Watch } from '../helpers/watch.ts';
import type { Row } from '../helpers/weir-daemon.ts';

const SECONDS = 8;
const REST_MS = 60_000;

describe('live: a flood from two processors', function () {
  this.timeout(180_000);
  let watch: Watch;
  let done: Storm;
  let loss: Map<string, Row>;

  before(async () => {
    watch = await Watch.start({ debounce: {} });
    done = await storm(watch, SECONDS);
    loss = await lossByClass(watch, REST_MS);
  });
  after(() => watch?.stop());

  const count = (name: string, column: string): number => Number(loss.get(name)?.[column]);

  for (const name of STORM_CLASSES) {
    it(`${name}: seen is what the workload counted, and the sum holds`, () => {
      assert.equal(count(name, 'seen'), done[name], JSON.stringify(loss.get(name)));
      assert.equal(count(name, 'balance'), 0);
      assert.equal(count(name, 'pending'), 0);
    });
  }

  it('no program, fork or exit is lost', async () => {
    for (const name of ['process', 'lifecycle'] as const) {
      assert.equal(count(name, 'stored'), done[name], JSON.stringify(loss.get(name)));
    }
    assert.equal(await watch.daemon.value('SELECT count(*) FROM process_events'), done.process);
    const lives = await watch.daemon.query(
      'SELECT action, count(*) AS n FROM process_lifecycle_events GROUP BY action ORDER BY action',
    );
    // The one more exit is that of the storm itself, which began before it came into the cgroup.
    assert.deepEqual(lives, [
      { action: 'exit', n: (done.lifecycle + 1) / 2 },
      { action: 'fork', n: (done.lifecycle - 1) / 2 },
    ]);
  });

  it('classes that it does not touch stay as they are', () => {
    for (const name of ['kernel', 'dns']) assert.equal(count(name, 'seen'), 0, name);
  });
});
