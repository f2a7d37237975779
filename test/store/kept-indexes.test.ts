import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { native } from '../../src/native/addon.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Row, StoreFixture, value } from './fixture.ts';

const PROCESSES = 40;
const JOIN = `SELECT count(*), sum(p.seq), min(p.path), sum(p.pid), count(DISTINCT p.exec_id)
  FROM socket_events s CROSS JOIN process_events p ON p.exec_id = s.exec_id`;

const id = (i: number): bigint => BigInt(i % PROCESSES) * 0x1234567890abn + 1n;
const process = (i: number): Row => ({
  time_ns: BigInt(i) * 1_000_000n,
  exec_id: i % 11 === 0 ? null : id(i),
  pid: i,
  path: `/bin/${i % 7}`,
});
const socket = (i: number): Row => ({
  time_ns: BigInt(i) * 1_000_000n,
  exec_id: id(i * 3 + 1),
  action: 'connect',
});
const rows = (make: (i: number) => Row, from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => make(from + i));

describe('store: indexes kept for later statements', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let connection: number;
  let made = 0;
  const add = (count: number): void => {
    fixture.append('process', rows(process, made, count));
    made += count;
  };

  beforeEach(async () => {
    made = 0;
    fixture = new StoreFixture({ flushMs: 60_000 });
    add(2000);
    fixture.append('socket', rows(socket, 0, 100));
    await fixture.store.flush();
    db = fixture.reader();
    connection = native.connections.last();
  });
  afterEach(() => fixture.dispose());

  /** What ordinary tables with the same rows say; of one snapshot, as retention goes on meanwhile. */
  const agrees = (condition = ''): void => {
    db.transaction(() => {
      db.exec(`DROP TABLE IF EXISTS temp.p; DROP TABLE IF EXISTS temp.s;
        CREATE TEMP TABLE p AS SELECT seq, path, pid, exec_id FROM process_events;
        CREATE TEMP TABLE s AS SELECT seq, exec_id FROM socket_events`);
      const sql = JOIN.replace('process_events', 'temp.p').replace('socket_events', 'temp.s');
      const wanted = db.prepare(`${sql} ${condition}`).raw().get();
      assert.deepEqual(asked().answer, wanted);
      assert.deepEqual(asked().answer, wanted);
    })();
  };
  const asked = (): { answer: unknown; blocks: number } => {
    const before = native.connections.stats(connection).blocks;
    const answer = db.prepare(JOIN).raw().get();
    return { answer, blocks: native.connections.stats(connection).blocks - before };
  };

  it('spare them every walk over the inner table', () => {
    const first = asked();
    const second = asked();
    assert.deepEqual(second.answer, first.answer);
    agrees();
    assert.ok(first.blocks > second.blocks, `${first.blocks}, then ${second.blocks}`);
    // A single value is looked up there too.
    const before = native.connections.stats(connection).blocks;
    const sql = `SELECT count(*) FROM process_events WHERE exec_id = ${id(5)}`;
    assert.equal(value(db, sql), rows(process, 0, made).filter((r) => r.exec_id === id(5)).length);
    assert.equal(native.connections.stats(connection).blocks, before);
  });

  it('are forgotten when other statements need the memory, or none has used them for long', () => {
    const walks = (): boolean => asked().blocks > 1;
    assert.ok(walks() && !walks());
    value(db, 'SELECT count(*) FROM process_events GROUP BY path');
    assert.ok(walks() && !walks());
    for (let i = 0; i < 20; i++) value(db, 'SELECT count(*) FROM weir_tables');
    assert.ok(walks() && !walks());
  });

  it('answer for their own rows only: appended, flushed, merged, windowed, retired', async function () {
    this.timeout(60_000);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add'), n: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ kind: fc.constantFrom('flush', 'retire'), n: fc.constant(0) }),
      fc.record({ kind: fc.constant('window'), n: fc.nat(4000) }),
    );
    const retire = { kind: 'retire', n: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        for (const { kind, n } of steps) {
          if (kind === 'add') add(n);
          if (kind === 'flush') await fixture.store.flush();
          if (kind === 'retire') {
            // Whole blocks leave, and their ids are given again.
            await fixture.reopen({ flushMs: 60_000, maxBytes: 20_000 });
            add(2000);
            fixture.append('socket', rows(socket, made, 100));
            await fixture.store.flush();
          }
          if (kind === 'window') {
            native.connections.setWindow(connection, 0n, BigInt(n));
            agrees(`WHERE p.seq <= ${n} AND s.seq <= ${n}`);
            native.connections.clearWindow(connection);
          }
          agrees();
        }
      }),
      { numRuns: 20, examples: [[Array(6).fill(retire)]] },
    );
    const expired = "SELECT expired FROM weir_loss WHERE class = 'process'";
    assert.ok(
      Number(
        await eventually(
          () => value(db, expired),
          (n) => Number(n) > 0,
        ),
      ) > 0,
    );
  });
});
