import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { ClassName } from '../../src/sensor/schema.ts';
import { column, type Row, StoreFixture, value } from './fixture.ts';

const CLASSES: readonly ClassName[] = ['process', 'socket', 'lifecycle'];
const rows = (count: number, from = 0): Row[] =>
  Array.from({ length: count }, (_, i) => ({ pid: from + i, path: `/bin/${(from + i) % 7}` }));

describe("store: a reader's cut", () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.dispose());

  it('shows every row once in all tables of a statement, while rows are flushed and merged', async () => {
    fixture = new StoreFixture({ flushMs: 2 });
    const workers = [0, 1].map(
      () =>
        new Worker(new URL('./reader-worker.ts', import.meta.url), { workerData: fixture.path }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    for (let i = 0; i < 3000; i++) {
      fixture.append(CLASSES[i % 3] as ClassName, rows(1 + ((i * 7919) % 60)));
      if (i % 4 === 0) await turn();
    }
    const reports = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.postMessage('stop');
    for (const [report] of await Promise.all(reports)) {
      assert.equal(report.wrong, false, JSON.stringify(report));
      assert.ok(report.grown > 5, `too few different answers: ${JSON.stringify(report)}`);
    }
    await fixture.store.flush();
    assert.equal(
      BigInt(value(fixture.reader(), 'SELECT max(seq) FROM process_lifecycle_events') as number),
      fixture.store.highWater(),
    );
  });

  it('stays what it was for a statement that is open across flushes and merges', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    fixture.append('process', rows(10));
    await fixture.store.flush();
    fixture.append('process', rows(10, 10));
    const db = fixture.reader();
    const open = db.prepare<[], number>('SELECT pid FROM process_events').pluck().iterate();
    const seen = [open.next().value];
    for (let i = 0; i < 40; i++) {
      fixture.append('process', rows(3, 100));
      await fixture.store.flush();
    }
    for (const pid of open) seen.push(pid);
    assert.deepEqual(
      seen,
      Array.from({ length: 20 }, (_, i) => i),
    );
    assert.equal(value(db, 'SELECT count(*) FROM process_events'), 140);
  });

  it('gives later statements of a transaction its snapshot and the rows in memory', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    fixture.append('process', rows(5));
    const db = fixture.reader();
    db.exec('BEGIN');
    assert.equal(value(db, 'SELECT count(*) FROM process_events'), 5);
    fixture.append('process', rows(5, 5));
    await fixture.store.flush();
    fixture.append('process', rows(5, 10));
    assert.deepEqual(
      column(db, 'SELECT pid FROM process_events'),
      Array.from({ length: 15 }, (_, i) => i),
    );
    db.exec('COMMIT');
    assert.equal(value(db, 'SELECT count(*) FROM process_events'), 15);
  });

  it('joins small blocks and keeps every row', async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    for (let i = 0; i < 300; i++) {
      fixture.append('socket', rows(2, 2 * i));
      await fixture.store.flush();
    }
    const db = fixture.reader();
    const blocks = "SELECT blocks FROM weir_tables WHERE name = 'socket_events'";
    assert.ok((value(db, blocks) as number) < 60, `${value(db, blocks)} blocks`);
    assert.deepEqual(
      column(db, 'SELECT pid FROM socket_events'),
      Array.from({ length: 600 }, (_, i) => i),
    );
    assert.deepEqual(
      db
        .prepare("SELECT rows, first_seq, last_seq FROM weir_tables WHERE name = 'socket_events'")
        .raw()
        .all(),
      [[600, 1, 600]],
    );
  });
});
