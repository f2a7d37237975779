import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ADDON_PATH, native } from '../../src/native/addon.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { eventually } from '../helpers/eventually.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { column, extend, type Row, StoreFixture, value } from './fixture.ts';

const rows = (count: number, from = 0): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    pid: from + i,
    process_id: BigInt(from + i) * 0x12345678abn,
    path: `/bin/${(from + i) * 7919}`,
    time_ns: BigInt(Date.now()) * 1_000_000n,
  }));

describe('store: damage, other programs, full disks, retention', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.dispose());

  /** Three blocks of 200 rows, then `damage` on the closed file. */
  async function damaged(damage: (db: Database.Database) => void): Promise<void> {
    fixture = new StoreFixture({ flushMs: 60_000 });
    for (let i = 0; i < 3; i++) {
      fixture.append('process', rows(200, 200 * i));
      await fixture.store.flush();
    }
    const db = new Database(fixture.path);
    damage(db);
    db.close();
  }

  const FLIP = `UPDATE weir_store_chunk SET content =
    substr(content, 1, 20) || x'ffee' || substr(content, 23) WHERE id / 512 = 2`;

  it('skips a corrupt block, counts it, and reads the others', async () => {
    await damaged((db) => db.exec(FLIP));
    const db = fixture.reader();
    const query = "SELECT count(*) FROM process_events WHERE path LIKE '/bin/%'";
    assert.equal(value(db, "SELECT count(*) FROM process_events WHERE path = '/bin/7919'"), 1);
    assert.ok((value(db, query) as number) >= 400);
    assert.equal(
      value(db, "SELECT corrupt_blocks FROM weir_tables WHERE name = 'process_events'"),
      1,
    );
    assert.match(fixture.store.stats().error, /corrupt/);
  });

  it('skips a block whose header is damaged or gone', async () => {
    await damaged((db) =>
      db.exec(
        "UPDATE weir_store_block SET header = substr(header, 1, 90) || x'fe' || substr(header, 92) WHERE id = 1; UPDATE weir_store_block SET header = x'' WHERE id = 3",
      ),
    );
    assert.deepEqual(
      column(fixture.reader(), 'SELECT pid FROM process_events'),
      Array.from({ length: 200 }, (_, i) => 200 + i),
    );
  });

  it('refuses blocks and stores of a newer version clearly', async () => {
    await damaged((db) =>
      db.exec(
        "UPDATE weir_store_block SET header = substr(header, 1, 2) || x'63' || substr(header, 4) WHERE id = 2",
      ),
    );
    assert.throws(
      () => column(fixture.reader(), 'SELECT pid FROM process_events'),
      /newer version/,
    );
    await fixture.store.close();
    const db = new Database(fixture.path);
    db.exec("UPDATE weir_store_meta SET value = 99 WHERE key = 'format'");
    assert.throws(() => native.openStore({ path: fixture.path }), {
      code: 'STORE_FORMAT',
      message: /format 99/,
    });
    extend(db);
    assert.throws(() => column(db, 'SELECT pid FROM process_events'), /format 99/);
    db.close();
  });

  it('refuses a file that is no database', () => {
    fixture = new StoreFixture();
    const path = join(fixture.folder, 'other.db');
    writeFileSync(path, 'no database at all'.repeat(100));
    assert.throws(() => native.openStore({ path }), { code: 'STORE_CORRUPT' });
  });

  it('is read by the sqlite3 command line, without Node', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    fixture.append('process', rows(500));
    fixture.append('file', [{ action: 'rename', target_path: '/a', dest_path: '/b' }]);
    await fixture.store.flush();
    const sql = `.load ${ADDON_PATH} sqlite3_weir_init
SELECT count(*), sum(pid), max(eid) FROM process_events WHERE pid IN (1, 2, 499);
SELECT action, target_path FROM file_events ORDER BY seq DESC;
SELECT rows FROM weir_tables WHERE name = 'process_events';
SELECT count(*) FROM weir_loss;
`;
    const out = execFileSync('sqlite3', ['-bail', fixture.path], { input: sql, encoding: 'utf8' });
    assert.equal(
      out,
      `3|502|00000000000000000500\nMOVED_TO|/b\nMOVED_FROM|/a\n500\n${CLASS_NAMES.length}\n`,
    );
  });

  it('goes on in memory while the disk is full, says so, and recovers', async () => {
    fixture = new StoreFixture();
    const mount = makeScratch();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
    const db = new Database(':memory:');
    try {
      extend(db);
      const path = join(mount, 'events.db');
      const store = native.openStore({ path, flushMs: 20 });
      const reader = new Database(path, { readonly: true });
      extend(reader);
      const filler = join(mount, 'filler');
      assert.throws(() => writeFileSync(filler, Buffer.alloc(2 << 20)));
      for (let i = 0; i < 20; i++) store.append(native.buildBatch(0, rows(500, i * 500)), null, []);
      const full = await eventually(
        () => store.stats(),
        ({ error }) => error !== '',
      );
      assert.match(full.error, /full/);
      assert.equal(value(reader, 'SELECT count(DISTINCT pid) FROM process_events'), 10_000);
      await assert.rejects(store.flush(), { code: 'STORE_WRITE' });
      execFileSync('mount', ['-o', 'remount,size=64m', mount]);
      await store.flush();
      assert.equal(store.stats().error, '');
      assert.equal(store.stats().queuedRows, 0);
      assert.equal(value(reader, 'SELECT count(DISTINCT pid) FROM process_events'), 10_000);
      reader.close();
      await store.close();
    } finally {
      db.close();
      execFileSync('umount', [mount]);
      removeScratch(mount);
    }
  });

  it('gives up what does not fit the queue, and counts it', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    const before = native.loss();
    // Random, or it would wait in a fraction of its size.
    const long = (): string => randomBytes(20_000).toString('base64');
    const batch = native.buildBatch(
      2,
      Array.from({ length: 1000 }, (_, pid) => ({ pid, remote_path: long() })),
    );
    let kept = 0;
    for (let i = 0; i < 5; i++) kept += fixture.store.append(batch, null, []).rows;
    const after = native.loss();
    assert.ok(kept >= 1000 && kept < 5000, `${kept} rows kept`);
    assert.equal((after.stored[2] as number) - (before.stored[2] as number), kept);
    assert.equal((after.lostStore[2] as number) - (before.lostStore[2] as number), 5000 - kept);
    assert.equal(value(fixture.reader(), 'SELECT count(*) FROM socket_events'), kept);
  });

  it('counts what comes after close as lost', async () => {
    fixture = new StoreFixture();
    await fixture.store.close();
    const lost = native.loss().lostStore[0] as number;
    const { rows: kept } = fixture.store.append(native.buildBatch(0, rows(7)), null, []);
    assert.equal(kept, 0);
    assert.equal(native.loss().lostStore[0], lost + 7);
    await assert.rejects(fixture.store.flush(), { code: 'STORE_WRITE' });
  });

  it('lets whole old blocks go, and counts their rows', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    const old = rows(9000).map((row) => ({ ...row, time_ns: 1_000_000_000n }));
    fixture.append('process', old);
    await fixture.store.flush();
    await fixture.reopen({ flushMs: 20, maxAgeSeconds: 3600 });
    fixture.append('process', rows(10));
    const db = fixture.reader();
    const count = 'SELECT count(*) FROM process_events';
    assert.equal(
      await eventually(
        () => value(db, count),
        (n) => n === 10,
      ),
      10,
    );
    assert.equal(value(db, "SELECT expired FROM weir_loss WHERE class = 'process'"), 9000);
  });

  it('keeps to a number of bytes', async () => {
    fixture = new StoreFixture({ flushMs: 20, maxBytes: 400_000 });
    for (let i = 0; i < 48; i++) fixture.append('process', rows(4000, i * 4000));
    const bytes = await eventually(
      () => fixture.store.stats().bytes[0] as number,
      (n) => n > 0 && n <= 400_000,
    );
    assert.ok(bytes <= 400_000, `${bytes} bytes`);
    const pids = column(fixture.reader(), 'SELECT pid FROM process_events') as number[];
    assert.equal(pids.at(-1), 191_999);
    assert.ok(pids.length < 192_000 && pids.length > 0);
  });

  it('keeps the newest block, though it alone has more bytes than that', async () => {
    fixture = new StoreFixture({ flushMs: 20, maxBytes: 1 });
    for (let i = 0; i < 12; i++) {
      fixture.append('process', rows(4000, i * 4000));
      await fixture.store.flush();
    }
    const newest = await eventually(
      () => value(fixture.reader(), 'SELECT max(pid) FROM process_events'),
      (pid) => pid === 47_999,
    );
    assert.equal(newest, 47_999);
    assert.ok(Number(value(fixture.reader(), 'SELECT count(*) FROM process_events')) > 0);
  });
});
