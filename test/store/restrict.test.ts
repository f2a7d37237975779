import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { extend, StoreFixture, value } from './fixture.ts';

describe('store: restricted connections and deadlines', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let id: number;
  beforeEach(() => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    fixture.append('process', [{ pid: 1, path: '/bin/a' }]);
    db = new Database(fixture.path); // writable: only the authorizer stands in the way
    id = extend(db);
    native.connections.restrict(id);
  });
  afterEach(async () => {
    db.close();
    await fixture.dispose();
  });

  for (const sql of [
    'ATTACH ":memory:" AS other',
    'DETACH main',
    'CREATE TABLE t(x)',
    'CREATE TEMP TABLE t(x)',
    'CREATE VIEW v AS SELECT 1',
    'DELETE FROM weir_store_block',
    "UPDATE weir_store_meta SET value = 1 WHERE key = 'reserved'",
    'INSERT INTO weir_store_chunk VALUES (1, 2)',
    'DROP TABLE weir_store_block',
    'CREATE VIRTUAL TABLE f USING fts5(x)',
    'PRAGMA journal_mode = DELETE',
    'PRAGMA writable_schema = ON',
    'PRAGMA user_version = 3',
    'PRAGMA wal_checkpoint',
    "SELECT load_extension('x')",
    'VACUUM',
    'ANALYZE',
    'REINDEX',
    'BEGIN IMMEDIATE',
    'SAVEPOINT s',
  ]) {
    it(`denies ${sql}`, () => {
      assert.throws(() => db.prepare(sql).run(), /not authorized|authorization denied/);
    });
  }

  it('allows reading, functions, recursion, and pragmas that describe', () => {
    assert.equal(value(db, 'SELECT upper(path) FROM process_events'), '/BIN/A');
    assert.equal(
      value(
        db,
        'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n LIMIT 5) SELECT max(x) FROM n',
      ),
      5,
    );
    assert.ok(db.prepare('PRAGMA table_info(process_events)').all().length > 20);
    assert.equal(value(db, 'PRAGMA user_version'), 0);
    assert.ok((value(db, "SELECT count(*) FROM pragma_table_xinfo('file_events')") as number) > 20);
    assert.equal(value(db, 'SELECT "text" FROM process_events'), 'text');
  });

  const ENDLESS =
    'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT count(*) FROM n';

  it('interrupts a statement at its deadline and leaves the next one alone', () => {
    const token = native.connections.deadline(id, 30);
    assert.throws(() => value(db, ENDLESS), { code: 'SQLITE_INTERRUPT' });
    assert.equal(native.connections.expired(token), true);
    for (let i = 0; i < 200; i++) {
      const next = native.connections.deadline(id, 1);
      native.connections.deadline(id, 0);
      assert.equal(value(db, 'SELECT count(*) FROM process_events'), 1);
      assert.equal(typeof native.connections.expired(next), 'boolean');
    }
  });

  it('interrupts a walk that finds nothing', () => {
    const rows = Array.from({ length: 4000 }, (_, pid) => ({ pid, path: `/bin/${pid}` }));
    for (let i = 0; i < 50; i++) fixture.append('process', rows);
    native.connections.deadline(id, 20);
    const join =
      "SELECT count(*) FROM process_events a, process_events b, process_events c WHERE a.path <> b.path AND c.path = 'x' || a.pid || b.pid";
    assert.throws(() => value(db, join), { code: 'SQLITE_INTERRUPT' });
  });

  it('knows its connections', () => {
    const other = new Database(':memory:');
    const otherId = extend(other);
    assert.notEqual(otherId, id);
    assert.equal(native.connections.last(), otherId);
    other.close();
    assert.throws(() => native.connections.setWindow(otherId, 0n, 1n), {
      code: 'CONNECTION_CLOSED',
    });
    assert.throws(() => native.connections.restrict(-5), { code: 'CONNECTION_CLOSED' });
  });
});
