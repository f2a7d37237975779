import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { native } from '../../src/native/addon.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { StoreFixture, value } from './fixture.ts';

describe('store: weir_loss, weir_coverage, weir_tables', () => {
  let fixture: StoreFixture;
  beforeEach(() => {
    fixture = new StoreFixture({ flushMs: 60_000 });
  });
  afterEach(() => fixture.dispose());

  it('shows the counters live, and the last run when no daemon is there', async () => {
    const db = fixture.reader();
    const stored = "SELECT stored FROM weir_loss WHERE class = 'socket'";
    const balance = "SELECT balance FROM weir_loss WHERE class = 'socket'";
    const before = value(db, stored) as number;
    const balanceBefore = value(db, balance) as number;
    fixture.append('socket', [{ pid: 1 }, { pid: 2 }]);
    native.count('excludedStream', 2, 5);
    assert.equal(value(db, stored), before + 2);
    assert.equal(value(db, balance), balanceBefore - 7);
    const live = db.prepare('SELECT * FROM weir_loss').all();
    await fixture.store.close();
    assert.deepEqual(
      db.prepare('SELECT * FROM weir_loss ORDER BY class').all(),
      live.sort((a, b) =>
        (a as { class: string }).class < (b as { class: string }).class ? -1 : 1,
      ),
    );
  });

  it('keeps from when to when each class was watched, by whom', async () => {
    const { store } = fixture;
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    store.coverage(0, 'ebpf', 'tracepoint', true);
    store.coverage(3, 'ebpf', 'tracepoint', true);
    await store.flush();
    const db = fixture.reader();
    const open = db.prepare('SELECT * FROM weir_coverage').all() as Record<string, unknown>[];
    assert.deepEqual(
      open.map((row) => [row.class, row.provider, row.tier, row.until, row.boot_id]),
      [
        ['process', 'ebpf', 'tracepoint', null, bootId],
        ['file', 'ebpf', 'tracepoint', null, bootId],
      ],
    );
    store.coverage(0, 'ebpf', 'trampoline', true);
    store.coverage(3, 'ebpf', 'tracepoint', false);
    await store.flush();
    const after = db.prepare(
      'SELECT tier, until IS NULL, since <= coalesce(until, since) FROM weir_coverage',
    );
    assert.deepEqual(after.raw().all(), [
      ['tracepoint', 0, 1],
      ['tracepoint', 0, 1],
      ['trampoline', 1, 1],
    ]);
    // The next start closes what was left open: nothing watched in between.
    await fixture.reopen({ flushMs: 60_000 });
    assert.equal(value(db, 'SELECT count(*) FROM weir_coverage WHERE until IS NULL'), 0);
  });

  it('knows rows and ends of each table without reading them', async () => {
    fixture.append('file', [
      { time_ns: 5_000_000_000n, action: 'create' },
      { time_ns: 9_000_000_000n, action: 'create' },
    ]);
    const sql =
      "SELECT rows, first_time, last_time, first_seq, last_seq FROM weir_tables WHERE class = 'file'";
    const expected = [2, 5, 9, 1, 2];
    const db = fixture.reader();
    assert.deepEqual(db.prepare(sql).raw().all(), [expected, expected]);
    await fixture.store.flush();
    assert.deepEqual(db.prepare(sql).raw().all(), [expected, expected]);
    assert.deepEqual(
      fixture.store.stats().rows,
      CLASS_NAMES.map((name) => (name === 'file' ? 2 : 0)),
    );
  });
});
