import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { native } from '../../src/sensor/native.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { extend, value } from './fixture.ts';

const CHILD = new URL('./crash-child.ts', import.meta.url).pathname;
const SEQS =
  'SELECT seq FROM process_events UNION ALL SELECT seq FROM process_file_events ORDER BY 1';

/** Runs a writer for a while after its first durable rows, then kills it; what it said. */
async function killedWriter(
  path: string,
  ms: number,
): Promise<{ given: bigint[][]; durable: bigint }> {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const given: bigint[][] = [];
  let durable = 0n;
  const lines = createInterface({ input: child.stdout });
  const started = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [word, ...numbers] = line.split(' ');
      if (word === 'given') given.push(numbers.map(BigInt));
      if (word === 'durable') {
        durable = BigInt(numbers[0] as string);
        resolve();
      }
    });
  });
  await Promise.race([started, once(child, 'exit')]);
  await sleep(ms);
  child.kill('SIGKILL');
  await once(lines, 'close');
  return { given, durable };
}

describe('store: a writer that is killed', () => {
  it('keeps what was flushed, tears nothing, and never gives a seq twice', async () => {
    const folder = makeScratch();
    try {
      const path = join(folder, 'events.db');
      const ever = new Set<bigint>();
      const durable = new Set<bigint>();
      for (let round = 0; round < 6; round++) {
        const said = await killedWriter(path, (round * 37) % 100);
        assert.ok(said.durable > 0n);
        for (const [from, to] of said.given) {
          for (let seq = from as bigint; seq <= (to as bigint); seq++) {
            assert.equal(ever.has(seq), false, `seq ${seq} was given twice`);
            ever.add(seq);
            if (seq <= said.durable) durable.add(seq);
          }
        }
        const db = new Database(path);
        extend(db);
        assert.equal(value(db, 'PRAGMA integrity_check'), 'ok');
        db.defaultSafeIntegers(true);
        const found = db.prepare<[], bigint>(SEQS).pluck().all();
        assert.equal(new Set(found).size, found.length, 'a row is there twice');
        const missing = durable.difference(new Set(found));
        assert.equal(missing.size, 0, `${missing.size} durable rows are gone`);
        db.close();
      }
    } finally {
      removeScratch(folder);
    }
  });

  it('is refused a second one at the same file, and lets the next one in after a clean end', async () => {
    const folder = makeScratch();
    const first = new Database(':memory:');
    extend(first);
    const path = join(folder, 'events.db');
    const store = native.openStore({ path });
    assert.throws(() => native.openStore({ path }), { code: 'STORE_LOCKED' });
    store.append(native.buildBatch(0, [{ pid: 1 }]), null, []);
    await store.close();
    const again = native.openStore({ path });
    // A clean end wastes no seq.
    assert.equal(again.append(native.buildBatch(0, [{ pid: 2 }]), null, []).firstSeq, 2n);
    await again.close();
    first.close();
    removeScratch(folder);
  });
});
