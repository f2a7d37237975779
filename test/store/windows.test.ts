import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import { native } from '../../src/native/addon.ts';
import { column, extend, StoreFixture } from './fixture.ts';

describe('store: windows of a connection', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let id: number;
  beforeEach(async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    fixture.append('process', [{ pid: 1 }, { pid: 2 }, { pid: 3 }]);
    await fixture.store.flush();
    fixture.append('process', [{ pid: 4 }, { pid: 5 }]);
    db = fixture.reader();
    id = extend(db);
  });
  afterEach(() => fixture.dispose());

  const pids = (table: string) => column(db, `SELECT pid FROM ${table}`);

  it('shows all up to the high water, the new rows, and the old ones', () => {
    native.connections.setWindow(id, 2n, 4n);
    assert.deepEqual(pids('process_events'), [1, 2, 3, 4]);
    assert.deepEqual(pids('new_process_events'), [3, 4]);
    assert.deepEqual(pids('old_process_events'), [1, 2]);
    native.connections.setWindow(id, 4n, 5n);
    assert.deepEqual(pids('new_process_events'), [5]);
    native.connections.setWindow(id, 5n, 5n);
    assert.deepEqual(pids('new_process_events'), []);
  });

  it('has no new and old rows without a window, and says so', () => {
    assert.deepEqual(pids('process_events'), [1, 2, 3, 4, 5]);
    assert.throws(() => pids('new_process_events'), /new_process_events exists only inside/);
    native.connections.setWindow(id, 2n, 4n);
    native.connections.clearWindow(id);
    assert.throws(() => pids('old_process_events'), /use process_events/);
    assert.deepEqual(pids('process_events'), [1, 2, 3, 4, 5]);
  });

  it('delivers each pair of an inner join once over a row of windows', () => {
    const rule = (a: string, b: string) =>
      `SELECT a.pid || '-' || b.pid FROM ${a} a JOIN ${b} b ON a.pid <> b.pid`;
    const found: unknown[] = [];
    for (const [after, upto] of [
      [0n, 2n],
      [2n, 3n],
      [3n, 5n],
    ] as const) {
      native.connections.setWindow(id, after, upto);
      found.push(...column(db, rule('new_process_events', 'process_events')));
      found.push(...column(db, rule('old_process_events', 'new_process_events')));
    }
    native.connections.clearWindow(id);
    assert.deepEqual(found.sort(), column(db, rule('process_events', 'process_events')).sort());
  });
});
