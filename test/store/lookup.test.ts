import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { BATCH_ROWS, CLASS_NAMES } from '../../src/sensor/schema.ts';
import { StoreFixture } from './fixture.ts';

/** More rows than a look-up index takes one by one. */
const BATCHES = 800;

describe('store: look-ups in a table of millions of rows', () => {
  let fixture: StoreFixture;
  let db: Database.Database;

  // The same batch again and again: what it is made of is known.
  before(async function () {
    this.timeout(120_000);
    fixture = new StoreFixture();
    const batch = native.buildBatch(
      CLASS_NAMES.indexOf('file'),
      Array.from({ length: BATCH_ROWS }, (_, i) => ({
        time_ns: 1_700_000_000_000_000_000n + BigInt(i),
        exec_id: BigInt(i >> 4) * 0x123456789abcdn,
        process_id: BigInt(i >> 4) * 0x123456789abcdn,
        inode: BigInt(i) * 0x1234567n,
        path: `/bin/${i >> 5}`,
        action: 'create',
        target_path: `/tmp/${i}`,
      })),
    );
    for (let i = 0; i < BATCHES; i++) {
      assert.equal(fixture.store.append(batch, null, []).rows, BATCH_ROWS);
      if (i % 64 === 63) await fixture.store.flush();
    }
    await fixture.store.flush();
    native.release(batch);
    db = fixture.reader();
  });
  after(() => fixture.dispose());

  const wanted = (kind: string): unknown[] => {
    const values = [1, 7, 100, 255, 5000, 9, 10, 11].map((i) => {
      if (kind === 'path') return `/bin/${i}`;
      return kind === 'inode' ? BigInt(i) * 0x1234567n : BigInt(i) * 0x123456789abcdn;
    });
    const list = values.map(() => '(?)').join(', ');
    return db
      .prepare<unknown[], unknown[]>(
        `WITH o(v) AS (VALUES ${list}) SELECT count(*), count(DISTINCT f.path), max(f.seq)
         FROM o CROSS JOIN process_file_events f ON f.${kind === 'path' ? 'executable' : kind} = o.v`,
      )
      .raw()
      .all(...values)[0] as unknown[];
  };

  it('finds every row by a value that many rows of a block share', () => {
    const [rows, paths, last] = wanted('exec_id');
    assert.equal(rows, 7 * 16 * BATCHES);
    assert.equal(paths, 7 * 16);
    assert.equal(last, (BATCHES - 1) * BATCH_ROWS + 255 * 16 + 16);
  });

  it('finds every row by a text', () => {
    const [rows, paths] = wanted('path');
    assert.equal(rows, 6 * 32 * BATCHES);
    assert.equal(paths, 6 * 32);
  });

  it('finds every row by a value that few rows share', () => {
    const [rows, paths] = wanted('inode');
    assert.equal(rows, 7 * BATCHES);
    assert.equal(paths, 7);
  });
});
