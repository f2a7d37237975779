import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { BATCH_ROWS, CLASS_NAMES } from '../../src/sensor/schema.ts';
import { StoreFixture } from './fixture.ts';

/** More values than a pass over the rows takes: some are left to another. */
const BATCHES = 240;
const VALUES = BATCHES * BATCH_ROWS;

describe('store: grouping by a million values', () => {
  let fixture: StoreFixture;
  let db: Database.Database;

  const inode = (i: number): bigint => BigInt.asIntN(64, BigInt(i) * 0x9e3779b97f4a7c15n + 1n);
  before(async function () {
    this.timeout(120_000);
    fixture = new StoreFixture();
    for (let b = 0; b < BATCHES; b++) {
      const rows = Array.from({ length: BATCH_ROWS }, (_, i) => ({
        inode: inode(b * BATCH_ROWS + i),
      }));
      const batch = native.buildBatch(CLASS_NAMES.indexOf('file'), rows);
      // Each value is there once more, in another block.
      for (let i = 0; i < 2; i++) {
        assert.equal(fixture.store.append(batch, null, []).rows, BATCH_ROWS);
      }
      native.release(batch);
      if (b % 16 === 15) await fixture.store.flush();
    }
    db = fixture.reader();
    db.defaultSafeIntegers(true);
  });
  after(() => fixture.dispose());

  it('counts each of them once, and all of its rows', () => {
    const rows = db
      .prepare<[], [bigint, bigint]>(
        'SELECT inode, count(*) FROM process_file_events GROUP BY inode',
      )
      .raw();
    const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${rows.source}`).get();
    assert.match(plan?.detail ?? '', /grouped by inode/);
    const wanted = new Set<bigint>();
    for (let i = 0; i < VALUES; i++) wanted.add(inode(i));
    for (const [value, count] of rows.iterate()) {
      assert.ok(wanted.delete(value), `${value} is none, or comes twice`);
      assert.equal(count, 2n);
    }
    assert.equal(wanted.size, 0);
  }).timeout(120_000);
});
