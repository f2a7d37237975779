import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../helpers/eventually.ts';
import { Watch } from '../helpers/watch.ts';

const REPEATS = 50;
const NAMES = 200;

describe('live: what fanotify does with events that wait', () => {
  let watch: Watch;
  before(async () => {
    // What is done while nobody looks up whose it is would be outside of a restriction.
    watch = await Watch.start({ provider: 'netlink', collect: {} });
  });
  after(() => watch?.stop());

  /** Runs a shell script below a new folder while the daemon stands still. */
  async function meanwhile(name: string, script: string): Promise<string> {
    const folder = join(watch.scratch, name);
    mkdirSync(folder);
    process.kill(watch.daemon.pid, 'SIGSTOP');
    try {
      const { code } = await watch.run('/bin/sh', '-c', `cd ${folder} && ${script}`);
      assert.equal(code, 0);
    } finally {
      process.kill(watch.daemon.pid, 'SIGCONT');
    }
    return folder;
  }

  const loop = (times: number, what: string) =>
    `i=0; while [ $i -lt ${times} ]; do ${what}; i=$((i + 1)); done`;
  const count = (operation: string, like: string) =>
    watch.daemon.value(
      `SELECT count(*) FROM process_file_events WHERE operation = '${operation}' AND path LIKE '${like}'`,
    );

  it('equal events become one, events of different names do not', async () => {
    const each = loop(NAMES, ': > name$i');
    const folder = await meanwhile('folded', `${loop(REPEATS, 'echo x > same')}; ${each}`);
    for (const operation of ['create', 'close_write']) {
      const n = await eventually(
        () => count(operation, `${folder}/name%`),
        (found) => Number(found) >= NAMES,
      );
      assert.equal(n, NAMES, operation);
    }
    assert.equal(await count('create', `${folder}/same`), 1);
    const closes = Number(await count('close_write', `${folder}/same`));
    assert.ok(closes >= 1 && closes < REPEATS, `${closes}`);
  });

  it('so weir_coverage says that files and sockets are not counted exactly', async () => {
    const sql = 'SELECT class, exact FROM weir_coverage WHERE until IS NULL ORDER BY class';
    const exact = Object.fromEntries(
      (await watch.daemon.query(sql)).map((row) => [row.class, row.exact]),
    );
    assert.deepEqual([exact.process, exact.lifecycle], [1, 1]);
    assert.deepEqual([exact.file, exact.socket], [0, 0]);
  });

  it('a queue that runs over is counted as a loss, and the sum holds', async () => {
    const most = Number(readFileSync('/proc/sys/fs/fanotify/max_queued_events', 'utf8'));
    const before = await watch.lossAtRest('file');
    await meanwhile('overflow', loop(most + NAMES, ': > $i'));
    const after = await eventually(
      () => watch.lossAtRest('file'),
      (loss) => Number(loss.lost_ring) > Number(before.lost_ring),
    );
    assert.ok(Number(after.lost_ring) > Number(before.lost_ring));
    assert.equal(after.balance, 0);
  });
});
