import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { eventually } from '../helpers/eventually.ts';
import { extend, type Row, StoreFixture, value } from './fixture.ts';

/** Rows as the stores in format-N.db.gz were given them; 200 and 5 of them. */
function makeRow(i: number): Row {
  const process = Math.floor(i / 9);
  const elapsed = BigInt(i * 1003 + ((i * i) % 97));
  return {
    time_ns: 1_700_000_000_000_000_000n + elapsed,
    boottime_ns: 5_000_000_000n + elapsed,
    first_time_ns: 1_700_000_000_000_000_000n + BigInt(i * 1003),
    pid: 1000 + process,
    tid: 1000 + process,
    process_id: BigInt.asIntN(64, BigInt(process + 1) * 0x9e3779b97f4a7c15n),
    exec_id: BigInt.asIntN(64, BigInt(process + 7) * 0x9e3779b97f4a7c15n),
    path: process % 4 === 0 ? null : `/bin/p${process}`,
    cmdline: `p${process} a b`,
    json_cmdline: `["p${process}","a","b"]`,
    op_id: BigInt(i),
    auid: i % 3 === 0 ? 4_294_967_295 : 7,
    inode: i % 5 === 0 ? null : BigInt(i) * 1_000_003n,
  };
}

const SHOWN =
  'ntime, boottime_ns, first_ntime, pid, tid, process_id, exec_id, path, cmdline, json_cmdline, op_id, auid, inode';

describe('store: formats', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.dispose());

  const shown = (db: Database.Database): unknown[] => {
    db.defaultSafeIntegers(true);
    return db.prepare(`SELECT ${SHOWN} FROM process_events ORDER BY seq`).raw().all();
  };
  const wanted = (count: number): unknown[] =>
    Array.from({ length: count }, (_, i) =>
      Object.values(makeRow(i)).map((v) => (typeof v === 'number' ? BigInt(v) : v)),
    );

  for (const format of [1n, 2n]) {
    it(`reads format ${format}, and goes on in it with blocks of today`, async () => {
      fixture = new StoreFixture();
      const path = join(fixture.folder, 'old.db');
      const packed = readFileSync(new URL(`format-${format}.db.gz`, import.meta.url));
      writeFileSync(path, gunzipSync(packed));
      const db = new Database(path);
      extend(db);
      assert.deepEqual(shown(db), wanted(205));
      assert.equal(value(db, "SELECT value FROM weir_store_meta WHERE key = 'format'"), format);

      const store = native.openStore({ path, flushMs: 60_000 });
      const blocks = 'SELECT count(*) FROM weir_store_block';
      for (let i = 205; i < 225; i++) {
        store.append(native.buildBatch(0, [makeRow(i)]), null, []);
        await store.flush();
      }
      await eventually(
        () => value(db, blocks),
        (count) => Number(count) < 15,
      );
      assert.deepEqual(shown(db), wanted(225));
      assert.equal(value(db, "SELECT value FROM weir_store_meta WHERE key = 'format'"), 3n);
      assert.equal(value(db, 'SELECT target_path FROM file_events ORDER BY seq LIMIT 1'), '/a');
      await store.close();
      db.close();
    });
  }

  it('stores what other columns tell once, and gives every value back', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    const rows = Array.from({ length: 2000 }, (_, i) => ({
      ...makeRow(i),
      // What is told has exceptions: another JSON form, a NULL, a value that is not the process's.
      json_cmdline: i % 9 === 0 && i > 900 ? '["p 1"]' : (makeRow(i).json_cmdline ?? null),
      cmdline: i >= 1800 && i < 1809 ? null : (makeRow(i).cmdline ?? null),
    }));
    fixture.append('process', rows);
    await fixture.store.flush();
    fixture.append(
      'process',
      Array.from({ length: 2000 }, (_, i) => makeRow(i)),
    );
    await fixture.store.close();
    const db = fixture.reader();
    const all = [...rows, ...Array.from({ length: 2000 }, (_, i) => makeRow(i))].map((row) =>
      Object.values(row).map((v) => (typeof v === 'number' ? BigInt(v) : v)),
    );
    assert.deepEqual(shown(db), all);
    const bytes = value(db, 'SELECT sum(length(content)) FROM weir_store_chunk');
    assert.ok(Number(bytes) < 4000 * 12, `${bytes} bytes for 4000 rows`);
  });
});
