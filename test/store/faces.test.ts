import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { columnIndex } from '../../src/sensor/batch.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { column, StoreFixture, value } from './fixture.ts';

const PROCESS = {
  time_ns: 1_700_000_000_999_999_999n,
  boottime_ns: -1n,
  pid: 4_294_967_295,
  process_id: -(2n ** 63n) + 1n,
  exec_id: 2n ** 63n - 1n,
  path: '/usr/bin/ünï\nçode',
  mode: 0o100755,
  cmdline: '',
  auid: 4_294_967_295,
};

/** Each test looks at the rows twice: while they are in memory, and when they are on disk. */
describe('store: faces of the event tables', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  beforeEach(() => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    db = fixture.reader();
    db.defaultSafeIntegers(true);
  });
  afterEach(() => fixture.dispose());

  async function both(look: () => void): Promise<void> {
    look();
    await fixture.store.flush();
    assert.equal(fixture.store.stats().queuedRows, 0);
    look();
  }

  it('shows integers exactly, times in whole seconds, modes in octal, eid as text', async () => {
    const { firstSeq } = fixture.append('process', [PROCESS]);
    await both(() => {
      const sql =
        'SELECT seq, eid, time, ntime, uptime, pid, process_id, exec_id, path, mode, cmdline, auid, env, btime, cwd, parent_path, container_id, access_time FROM process_events';
      assert.deepEqual(db.prepare(sql).raw().get(), [
        firstSeq,
        String(firstSeq).padStart(20, '0'),
        1_700_000_000n,
        1_700_000_000_999_999_999n,
        -1n,
        4_294_967_295n,
        -(2n ** 63n) + 1n,
        2n ** 63n - 1n,
        '/usr/bin/ünï\nçode',
        '0100755',
        '',
        4_294_967_295n,
        '',
        0n,
        null,
        null,
        null,
        null,
      ]);
    });
  });

  it('translates, defaults and compares text; shows integers as decimal text', async () => {
    fixture.append('file', [
      { action: 'unlink', target_path: '/a', source: 'user', uid: 7, mode: 0 },
      { action: 'odd', target_path: '/b', source: 'elsewhere', uid: 0 },
    ]);
    fixture.append('socket', [{ status: 'succeeded', fd: -1n }, { status: 'failed' }, {}]);
    await both(() => {
      assert.deepEqual(
        db.prepare('SELECT partial, uid, dest_path, mode FROM process_file_events').raw().all(),
        [
          ['true', '7', '', '0'],
          ['elsewhere', '0', '', '0'],
        ],
      );
      assert.deepEqual(column(db, 'SELECT action FROM file_events'), ['DELETED', 'odd']);
      assert.deepEqual(db.prepare('SELECT success, fd FROM socket_events').raw().all(), [
        [1n, '-1'],
        [0n, null],
        [0n, null],
      ]);
    });
  });

  it('shows a rename as two rows of file_events and one of process_file_events', async () => {
    fixture.append('file', [
      { action: 'create', target_path: '/old', dest_path: null },
      { action: 'rename', target_path: '/old', dest_path: '/new' },
    ]);
    await both(() => {
      const sql = 'SELECT seq, action, target_path, dest_path, operation FROM file_events';
      const rows = [
        [1n, 'CREATED', '/old', null, 'create'],
        [2n, 'MOVED_FROM', '/old', null, 'rename'],
        [2n, 'MOVED_TO', '/new', null, 'rename'],
      ];
      assert.deepEqual(db.prepare(sql).raw().all(), rows);
      assert.deepEqual(db.prepare(`${sql} ORDER BY seq DESC`).raw().all(), [...rows].reverse());
      assert.deepEqual(column(db, "SELECT action FROM file_events WHERE target_path = '/new'"), [
        'MOVED_TO',
      ]);
      assert.deepEqual(
        column(db, "SELECT target_path FROM file_events WHERE action='MOVED_FROM'"),
        ['/old'],
      );
      assert.deepEqual(
        db.prepare('SELECT path, dest_path FROM process_file_events WHERE seq = 2').raw().all(),
        [['/old', '/new']],
      );
    });
  });

  it('limits file_events to rows with a category while file paths are configured', async () => {
    const category = columnIndex('file', 'category');
    const batch = native.buildBatch(CLASS_NAMES.indexOf('file'), [
      { action: 'create', target_path: '/etc/x' },
      { action: 'create', target_path: '/tmp/y' },
    ]);
    const column1 = { column: category, codes: Uint32Array.of(1, 0), values: ['', 'etc'] };
    fixture.store.append(batch, null, [column1]);
    assert.equal(value(db, 'SELECT count(*) FROM file_events'), 2n);
    assert.deepEqual(column(db, 'SELECT category FROM file_events'), ['etc', '']);
    fixture.store.setFilePathsConfigured(true);
    await fixture.store.flush();
    assert.deepEqual(column(db, 'SELECT target_path FROM file_events'), ['/etc/x']);
    assert.equal(value(db, 'SELECT count(*) FROM process_file_events'), 2n);
    await fixture.reopen();
    assert.deepEqual(column(db, 'SELECT target_path FROM file_events'), ['/etc/x']);
    fixture.store.setFilePathsConfigured(false);
    await fixture.store.flush();
    assert.equal(value(db, 'SELECT count(*) FROM file_events'), 2n);
  });

  it('appends the selected rows only, with the columns that the stream made', async () => {
    const rows = Array.from({ length: 400 }, (_, pid) => ({ pid, path: `/bin/${pid}` }));
    const selection = Uint8Array.from(rows, ({ pid }) => (pid % 100 === 1 ? 1 : 0));
    const codes = Uint32Array.from(rows, ({ pid }) => (pid > 200 ? 2 : 1));
    const username = columnIndex('process', 'username');
    const made = fixture.store.append(native.buildBatch(0, rows), selection, [
      { column: username, codes, values: ['', 'root', 'joe'] },
    ]);
    assert.deepEqual(made, { firstSeq: 1n, lastSeq: 4n, rows: 4 });
    await both(() => {
      assert.deepEqual(
        db.prepare('SELECT pid, path, username FROM process_events').raw().all(),
        [1n, 101n, 201n, 301n].map((pid) => [pid, `/bin/${pid}`, pid > 200n ? 'joe' : 'root']),
      );
    });
  });

  it('refuses columns, codes and selections that do not fit', () => {
    const batch = native.buildBatch(0, [{ pid: 1 }]);
    const made = (c: number, code: number) => [
      { column: c, codes: Uint32Array.of(code), values: [''] },
    ];
    const username = columnIndex('process', 'username');
    assert.throws(() => fixture.store.append(batch, new Uint8Array(0), []), TypeError);
    assert.throws(() => fixture.store.append(batch, null, made(username, 1)), TypeError);
    assert.throws(() => fixture.store.append(batch, null, made(0, 0)), TypeError);
    assert.throws(() => fixture.store.append(batch, null, made(1000, 0)), TypeError);
    assert.equal(fixture.store.highWater(), 0n);
  });
});
