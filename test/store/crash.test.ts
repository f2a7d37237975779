import assert from 'node:assert/strict';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { extend, value } from './fixture.ts';
import { KilledWriter, type LastWords } from './killed-writer.ts';

const KILLS = 200;
/** Kills of one store before the next one begins, so that stores stay small. */
const KILLS_OF_ONE = 20;
const TABLES = ['process_events', 'process_file_events'];

interface StoredRow {
  readonly seq: bigint;
  readonly pid: bigint;
  readonly auid: bigint | string;
  readonly path: string;
}

/** What must be true of a store whatever was done to its writers. */
class Survivor {
  readonly path: string;
  /** Rows that were found after an earlier kill, and the last of them. */
  #rows = 0;
  #last = 0n;

  constructor(path: string) {
    this.path = path;
  }

  /** Compares what is there with what a writer said before it was killed. */
  check(said: LastWords): void {
    const first = said.given[0]?.[0];
    if (first !== undefined) assert.ok(first > this.#last, `seq ${first} was given twice`);
    const db = new Database(this.path);
    try {
      extend(db);
      db.defaultSafeIntegers(true);
      assert.equal(value(db, 'PRAGMA integrity_check'), 'ok');
      const before = TABLES.map((name) =>
        value(db, `SELECT count(*) FROM ${name} WHERE seq <= ${this.#last}`),
      );
      const kept = before.reduce<number>((sum, count) => sum + Number(count), 0);
      assert.equal(kept, this.#rows, 'rows that were there before the kill');
      this.#compare(said, this.#since(db));
    } finally {
      db.close();
    }
  }

  #since(db: Database.Database): StoredRow[] {
    const [process, file] = TABLES;
    return db
      .prepare<[], StoredRow>(
        `SELECT seq, pid, auid, path FROM ${process} WHERE seq > ${this.#last}
         UNION ALL SELECT seq, pid, auid, executable FROM ${file} WHERE seq > ${this.#last}
         ORDER BY seq`,
      )
      .all();
  }

  #compare(said: LastWords, rows: readonly StoredRow[]): void {
    const found = new Map(rows.map((row) => [row.seq, row]));
    assert.equal(found.size, rows.length, 'a row is there twice');
    for (const [from, to] of said.given) {
      for (let seq = from; seq <= to; seq++) {
        const row = found.get(seq);
        if (row === undefined) {
          assert.ok(seq > said.durable, `row ${seq} was flushed and is gone`);
          continue;
        }
        const pid = seq - from;
        const values = [row.pid, BigInt(row.auid), row.path];
        assert.deepEqual(values, [pid, to - from + 1n, `/bin/x${pid % 7n}`]);
        found.delete(seq);
      }
    }
    // The last append may have been stored and not told; no row comes from anywhere else.
    const end = said.given.at(-1)?.[1] ?? this.#last;
    for (const seq of found.keys()) assert.ok(seq > end, `row ${seq} was never given`);
    this.#rows += rows.length;
    this.#last = [this.#last, end, rows.at(-1)?.seq ?? 0n].reduce((a, b) => (a > b ? a : b));
  }
}

describe('store: a writer that is killed', () => {
  it(`keeps what was flushed, tears nothing, and never gives a seq twice, ${KILLS} times`, async function () {
    this.timeout(300_000);
    const folder = makeScratch();
    // The next process starts while the last one's rows are checked.
    let next = new KilledWriter();
    let flushed = 0;
    try {
      let store = new Survivor(join(folder, '0.db'));
      for (let kill = 0; kill < KILLS; kill++) {
        if (kill % KILLS_OF_ONE === 0) store = new Survivor(join(folder, `${kill}.db`));
        const writer = next;
        next = new KilledWriter();
        // Moments: while the store is made or opened, and any time of the first flushes.
        const ms = kill % 5 === 4 ? -Math.random() * 10 : Math.random() * 50;
        const said = await writer.live(store.path, ms);
        if (said.durable > 0n) flushed++;
        store.check(said);
      }
    } finally {
      next.dispose();
      removeScratch(folder);
    }
    assert.ok(flushed > KILLS / 4, `only ${flushed} writers lived until their first flush`);
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
