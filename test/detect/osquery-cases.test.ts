/**
 * Faults that osquery's users met when event tables are asked: rows that were lost or repeated by a
 * pointer that a query's tables share, by joins, by several constraints, by a restart.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { QueryRun } from '../../src/detect/query-run.ts';
import { scheduledQuery } from '../../src/detect/scheduled-query.ts';
import { openResultStore } from '../../src/results/open.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { QueryPool } from '../../src/sql/pool.ts';
import { StoreFixture } from '../store/fixture.ts';

const { signal } = new AbortController();
const SECOND = 1_000_000_000n;
const NOW = 1_800_000_000n * SECOND;

describe('osquery’s cases', () => {
  let fixture: StoreFixture;
  let results: ResultStore;
  let pool: QueryPool;
  let clock: number;

  beforeEach(async () => {
    fixture = new StoreFixture();
    pool = openPool();
    const path = join(fixture.folder, 'results.db');
    results = await openResultStore({ client: 'sqlite', path }, 'h');
    await results.openSink('log');
    clock = 0;
  });

  afterEach(async () => {
    await pool.close();
    await results.close();
    await fixture.dispose();
  });

  function openPool(): QueryPool {
    return new QueryPool({ path: fixture.path, workers: 1, timeoutMs: 20_000, maxRows: 1000 });
  }

  async function begin(query: string): Promise<QueryRun> {
    const run = new QueryRun(scheduledQuery('q', { query }, { interval: 10 }), {
      runner: pool,
      store: results,
      highWater: () => fixture.store.highWater(),
      startSeq: 0n,
      epoch: 0,
      numerics: false,
      timeoutMs: 20_000,
      maxRows: 1000,
    });
    await run.begin(clock);
    return run;
  }

  /** Runs once and gives the values of the rows that are logged for it. */
  async function logged(run: QueryRun): Promise<string[]> {
    clock += 10;
    await run.run(clock, signal);
    const rows: string[] = [];
    for (;;) {
      const piece = await results.pending('log', 1e6, () => true);
      if (piece === null) return rows;
      for (const { columns } of piece.rows) rows.push(Object.values(JSON.parse(columns)).join(' '));
      await results.delivered('log', { run: piece.run.id + 1, index: 0 });
    }
  }

  const exec = (pid: number, path: string, at = NOW) => ({
    pid,
    exec_id: BigInt(pid),
    path,
    cmdline: path,
    time_ns: at,
    boot_id: 'b',
  });
  const connect = (pid: number, address: string, at = NOW) => ({
    ...exec(pid, '/bin/x', at),
    cmdline: undefined,
    action: 'connect',
    remote_address: address,
  });
  const append = (className: 'process' | 'socket', ...rows: readonly object[]): void => {
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
    );
    fixture.append(className, plain);
  };

  it('#5316: a LEFT JOIN of two event tables finds the partner, early or in the same run', async () => {
    const run = await begin(
      `SELECT s.remote_address AS a, p.path AS p FROM socket_events AS s
       LEFT JOIN process_events AS p ON p.pid = s.pid`,
    );
    append('process', exec(1, '/bin/early'));
    assert.deepEqual(await logged(run), []);
    append('socket', connect(1, '10.0.0.1'));
    assert.deepEqual(await logged(run), ['10.0.0.1 /bin/early']);
    append('process', exec(2, '/bin/same'));
    append('socket', connect(2, '10.0.0.2'), connect(3, '10.0.0.3'));
    assert.deepEqual(await logged(run), ['10.0.0.2 /bin/same', '10.0.0.3 ']);
    assert.deepEqual(await logged(run), []);
  });

  it('fleet#25236: a table joined with itself, parent to child, has every pair once', async () => {
    const run = await begin(
      `SELECT c.path AS c, p.path AS p FROM process_events AS c
       JOIN process_events AS p ON c.parent = p.pid WHERE p.path LIKE '/bin/p%'`,
    );
    append('process', exec(1, '/bin/p1'));
    assert.deepEqual(await logged(run), []);
    append('process', { ...exec(2, '/bin/c2'), parent: 1 });
    assert.deepEqual(await logged(run), ['/bin/c2 /bin/p1']);
    append('process', { ...exec(4, '/bin/c4'), parent: 3 }, exec(3, '/bin/p3'));
    assert.deepEqual(await logged(run), ['/bin/c4 /bin/p3']);
    append('process', { ...exec(6, '/bin/c6'), parent: 5 });
    assert.deepEqual(await logged(run), []);
    append('process', exec(5, '/bin/p5'));
    assert.deepEqual(await logged(run), ['/bin/c6 /bin/p5']);
    assert.deepEqual(await logged(run), []);
  });

  it('#5605: several constraints lose no row, whichever of them is on an indexed column', async () => {
    const run = await begin(
      `SELECT path FROM process_events
       WHERE (pid = 1 OR pid IN (2, 3) OR path = '/bin/five') AND path <> '/bin/no'
         AND cmdline LIKE '/bin/%'`,
    );
    const batches = [
      [exec(1, '/bin/one'), exec(9, '/bin/nine')],
      [exec(2, '/bin/two'), exec(3, '/bin/no'), exec(3, '/bin/three')],
      [exec(9, '/bin/five'), exec(1, '/bin/one-again')],
    ];
    const all: string[] = [];
    for (const batch of batches) {
      append('process', ...batch);
      all.push(...(await logged(run)));
    }
    assert.deepEqual(all.sort(), [
      '/bin/five',
      '/bin/one',
      '/bin/one-again',
      '/bin/three',
      '/bin/two',
    ]);
  });

  it('#8524: events of the last second before a restart are reported after it, once', async () => {
    const query = 'SELECT path FROM process_events';
    append('process', exec(1, '/bin/1'));
    assert.deepEqual(await logged(await begin(query)), ['/bin/1']);
    // In the same second: one that is stored before the restart, one after it.
    append('process', exec(2, '/bin/2'));
    await pool.close();
    await fixture.reopen();
    pool = openPool();
    append('process', exec(3, '/bin/3'));
    const again = await begin(query);
    assert.deepEqual(await logged(again), ['/bin/2', '/bin/3']);
    assert.deepEqual(await logged(again), []);
  });

  it('an event that is stored late, with an old time, is not skipped', async () => {
    const run = await begin('SELECT path FROM process_events');
    append('process', exec(1, '/bin/new'));
    assert.deepEqual(await logged(run), ['/bin/new']);
    append('process', exec(2, '/bin/old', NOW - 600n * SECOND));
    assert.deepEqual(await logged(run), ['/bin/old']);
  });

  it('two queries on one table do not take each other’s events', async () => {
    const first = await begin('SELECT path FROM process_events');
    const other = new QueryRun(
      scheduledQuery('other', { query: 'SELECT pid FROM process_events' }, { interval: 10 }),
      {
        runner: pool,
        store: results,
        highWater: () => fixture.store.highWater(),
        startSeq: 0n,
        epoch: 0,
        numerics: false,
        timeoutMs: 20_000,
        maxRows: 1000,
      },
    );
    await other.begin(0);
    append('process', exec(1, '/bin/1'));
    assert.deepEqual(await logged(first), ['/bin/1']);
    append('process', exec(2, '/bin/2'));
    assert.deepEqual(await logged(other), ['1', '2']);
    assert.deepEqual(await logged(first), ['/bin/2']);
  });
});
