import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { native } from '../../src/native/addon.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { eventually } from '../helpers/eventually.ts';
import { column, type Row, StoreFixture, value } from './fixture.ts';

const SECOND = 1_000_000_000n;
const bootNow = (): bigint =>
  BigInt(Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000)) *
  1_000_000n;
const wallNow = (): bigint => BigInt(Date.now()) * 1_000_000n;
const rows = (count: number, fields: Row): Row[] =>
  Array.from({ length: count }, (_, i) => ({ pid: i, ...fields }));
const limitsOf = (name: string, limit: object): object[] =>
  CLASS_NAMES.map((className) => (className === name ? limit : {}));

describe('store: retention', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.dispose());

  const pids = (table = 'process_events'): unknown[] =>
    column(fixture.reader(), `SELECT pid FROM ${table}`);
  const loss = (name: string): unknown =>
    fixture
      .reader()
      .prepare(`SELECT expired, expired_unread FROM weir_loss WHERE class = ?`)
      .get(name);

  it('believes boot time, not a wall clock that has jumped', async () => {
    fixture = new StoreFixture({ flushMs: 20, maxAgeSeconds: 3600 });
    const boot_id = native.bootId();
    // Written while the clock was decades back: new all the same.
    fixture.append('process', rows(3, { boot_id, boottime_ns: bootNow(), time_ns: SECOND }));
    // The control: without boot time, rows of that wall clock are old.
    fixture.append('socket', rows(5, { time_ns: SECOND }));
    await eventually(
      () => loss('socket'),
      (found) => (found as { expired: number }).expired === 5,
    );
    assert.deepEqual(loss('socket'), { expired: 5, expired_unread: 0 });
    assert.equal(pids().length, 3);
  });

  it('lets rows of this boot go by boot time, although their wall clock lies ahead', async () => {
    fixture = new StoreFixture({ flushMs: 20, maxAgeSeconds: 3600 });
    const fields = { boot_id: native.bootId(), time_ns: wallNow() + 86_400n * SECOND };
    const old = bootNow() - 3700n * SECOND;
    fixture.append('process', rows(4, { ...fields, boottime_ns: old }));
    fixture.append('socket', rows(4, { ...fields, boottime_ns: bootNow() }));
    await eventually(
      () => loss('process'),
      (found) => (found as { expired: number }).expired === 4,
    );
    assert.deepEqual(loss('process'), { expired: 4, expired_unread: 0 });
    assert.equal(pids('socket_events').length, 4);
  });

  it('keeps each class to its own age and bytes', async () => {
    const limits = limitsOf('socket', { maxAgeSeconds: 60 });
    limits[CLASS_NAMES.indexOf('file')] = { maxBytes: 1 };
    fixture = new StoreFixture({ flushMs: 20, maxAgeSeconds: 3600, classLimits: limits });
    const time_ns = wallNow() - 600n * SECOND;
    for (const name of ['process', 'socket', 'file'] as const) {
      fixture.append(name, rows(2, { time_ns }));
    }
    await eventually(
      () => [loss('socket'), loss('file')],
      (found) => found.every((each) => (each as { expired: number }).expired === 2),
    );
    assert.deepEqual(pids('socket_events'), []);
    assert.deepEqual(pids('process_file_events'), []);
    assert.deepEqual(pids(), [0, 1]);
  });

  it('counts what nobody had read when it left, across restarts too', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    const { firstSeq } = fixture.append('process', rows(10, { time_ns: SECOND }));
    fixture.append('socket', rows(10, { time_ns: SECOND }));
    await fixture.store.flush();
    await fixture.reopen({ flushMs: 60_000, maxAgeSeconds: 3600 });
    const read = new BigInt64Array(CLASS_NAMES.length).fill(2n ** 63n - 1n);
    read[0] = firstSeq + 3n;
    fixture.store.setReadUpTo(read);
    await fixture.store.flush();
    await eventually(
      () => [loss('process'), loss('socket')],
      (found) => found.every((each) => (each as { expired: number }).expired === 10),
    );
    assert.deepEqual(loss('process'), { expired: 10, expired_unread: 6 });
    assert.deepEqual(loss('socket'), { expired: 10, expired_unread: 0 });
    await fixture.store.close();
    assert.deepEqual(loss('process'), { expired: 10, expired_unread: 6 });
    assert.equal(value(fixture.reader(), 'SELECT count(*) FROM process_events'), 0);
    assert.throws(() => fixture.store.setReadUpTo(new BigInt64Array(1)), TypeError);
  });
});
