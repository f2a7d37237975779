import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventGenerator, START_NS } from '../../bench/store/generator.ts';
import { BATCH_ROWS } from '../../src/sensor/schema.ts';

const MAIN = new URL('../../bench/main.ts', import.meta.url).pathname;
const bench = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'store', ...args], { encoding: 'utf8' });

describe('bench: store', () => {
  it('makes the same events for the same seed, and others for another', () => {
    const made = (seed: number) => [...new EventGenerator(seed).chunks(20_000)];
    assert.deepEqual(made(1), made(1));
    assert.notDeepEqual(made(1), made(2));
  });

  it('makes as many rows as asked for, in order, none twice', () => {
    const chunks = [...new EventGenerator(23).chunks(50_001)];
    let next = 1n;
    const operations = new Set<unknown>();
    for (const { firstSeq, rows } of chunks) {
      assert.equal(firstSeq, next);
      assert.ok(rows.length > 0 && rows.length <= BATCH_ROWS);
      next += BigInt(rows.length);
      let time = START_NS;
      for (const row of rows) {
        assert.ok((row.time_ns as bigint) >= time);
        time = row.time_ns as bigint;
        operations.add(row.op_id);
      }
    }
    assert.equal(next, 50_002n);
    assert.equal(operations.size, 50_001);
  });

  it('finds the same rows and answers in weir, a plain SQLite table and DuckDB', function () {
    this.timeout(180_000);
    const { stdout, stderr, status } = bench('--rows', '100000');
    assert.match(stdout, /same rows and same answers from all three: yes/, stderr);
    assert.equal(status, 0, stderr);
  });

  it('says how it is used', () => {
    for (const args of [['--rows'], ['--rows', 'many'], ['--fast', '1000']]) {
      const { status, stderr } = bench(...args);
      assert.equal(status, 64);
      assert.match(stderr, /usage:/);
    }
  });
});
