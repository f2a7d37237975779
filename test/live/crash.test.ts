import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../helpers/eventually.ts';
import { forEachProvider } from '../helpers/providers.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WeirDaemon } from '../helpers/weir-daemon.ts';

const ROUNDS = 3;

forEachProvider('live: crash', {}, (provider, it) => {
  const stateDir = makeScratch();
  const work = makeScratch();
  after(() => {
    removeScratch(stateDir);
    removeScratch(work);
  });

  it('kill -9 while events flow: nothing before the last second is missing, no seq comes twice', async () => {
    // Numbered files, one after the other; each number's time is known to the workload.
    const loop = 'i=0; while :; do i=$((i+1)); : > f$i; rm f$i; done';
    const workload = spawn('/bin/sh', ['-c', loop], { cwd: work, stdio: 'ignore' });
    const numbers = `SELECT CAST(substr(path, ${work.length + 3}) AS INTEGER) AS i, seq, ntime
      FROM process_file_events WHERE operation = 'create' AND path LIKE '${work}/f%' ORDER BY seq`;
    try {
      let highest = 0n;
      for (let round = 0; round < ROUNDS; round++) {
        const daemon = await WeirDaemon.start(stateDir, { provider, debounce: { window_ms: 0 } });
        const first = BigInt((await daemon.value('SELECT max(seq) FROM process_seen')) ?? 0);
        assert.ok(first >= 0n);
        await sleep(2500 + round * 300);
        const seen = await daemon.query(numbers);
        const killedAt = Date.now();
        await daemon.kill();

        const again = await WeirDaemon.start(stateDir, { provider: 'off' });
        const kept = await again.query(numbers);
        const seqs = await again.query(
          'SELECT count(*) AS n, count(DISTINCT seq) AS d, max(seq) AS high FROM process_file_events',
        );
        await again.stop();
        const have = new Set(kept.map(({ seq }) => String(seq)));
        const mustHave = seen.filter(
          ({ ntime }) => Number(BigInt(ntime ?? 0) / 1_000_000n) < killedAt - 1000,
        );
        assert.ok(mustHave.length > 0, 'events flowed');
        const missing = mustHave.filter(({ seq }) => !have.has(String(seq)));
        assert.deepEqual(missing, [], `round ${round}`);
        assert.equal(seqs[0]?.n, seqs[0]?.d);
        // Within a run the numbers follow each other: none was lost on the way either.
        const run = seen.filter(({ seq }) => BigInt(seq ?? 0) > highest).map(({ i }) => Number(i));
        assert.deepEqual(
          run,
          run.map((_, index) => (run[0] as number) + index),
        );
        highest = BigInt(seqs[0]?.high ?? 0);
      }
    } finally {
      workload.kill('SIGKILL');
      await eventually(
        () => workload.signalCode,
        (signal) => signal !== null,
      );
      if (workload.exitCode === null && workload.signalCode === null) await once(workload, 'exit');
    }
  });
});
