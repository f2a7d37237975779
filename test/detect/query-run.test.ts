import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { WeirError } from '../../src/config/errors.ts';
import { QueryRun, type RunSettings } from '../../src/detect/query-run.ts';
import { scheduledQuery } from '../../src/detect/scheduled-query.ts';
import { openResultStore } from '../../src/results/open.ts';
import type { ResultStore } from '../../src/results/store.ts';
import type { LoggedRows } from '../../src/results/types.ts';
import { events, FakeRunner } from './fake-runner.ts';

const EVENTS = 'SELECT v FROM process_events';
const { signal } = new AbortController();

describe('QueryRun', () => {
  let folder: string;
  let store: ResultStore;
  let runner: FakeRunner;
  let high: bigint;
  let hosts = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-run-'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    await openStore();
    runner = new FakeRunner(events);
    high = 0n;
  });

  afterEach(() => store.close());

  async function openStore(): Promise<void> {
    const path = join(folder, 'results.db');
    store = await openResultStore({ client: 'sqlite', path }, `host-${hosts++}`);
    await store.openSink('log');
  }

  function make(sql: string, query = {}, settings: Partial<RunSettings> = {}): QueryRun {
    const planned = scheduledQuery('q', { query: sql, ...query }, { interval: 10 });
    return new QueryRun(planned, {
      runner,
      store,
      highWater: () => high,
      startSeq: 0n,
      epoch: 0,
      numerics: false,
      timeoutMs: 0,
      maxRows: 1000,
      ...settings,
    });
  }

  async function logged(): Promise<LoggedRows[]> {
    const pieces: LoggedRows[] = [];
    for (;;) {
      const piece = await store.pending('log', 1e6, () => true);
      if (piece === null) return pieces;
      pieces.push(piece);
      await store.delivered('log', { run: piece.run.id + 1, index: 0 });
    }
  }

  const summary = (pieces: readonly LoggedRows[]) =>
    pieces.map(({ run, rows }) => [
      run.counter,
      rows.map((row) => `${row.action[0]}${JSON.parse(row.columns).v}`).join(' '),
    ]);

  it('reports each event once, counting runs with rows from 1', async () => {
    const run = make(EVENTS);
    await run.begin(0);
    for (const [i, to] of [2n, 2n, 3n].entries()) {
      high = to;
      await run.run(i, signal);
    }
    assert.deepEqual(summary(await logged()), [
      [1, 'a1 a2'],
      [2, 'a3'],
    ]);
  });

  it('covers what came while the daemon was down', async () => {
    high = 5n;
    await make(EVENTS, {}, { startSeq: 5n }).begin(0);
    high = 7n;
    await make(EVENTS, {}, { startSeq: 6n }).run(1, signal);
    assert.deepEqual(summary(await logged()), [[1, 'a6 a7']]);
  });

  it('records empty runs seldom, and never asks twice for their events', async () => {
    const run = make(EVENTS);
    await run.begin(0);
    const windows: unknown[] = [];
    runner.answer = (_, { window }) => {
      windows.push([window?.after, window?.upto]);
      return [];
    };
    for (const [at, to] of [
      [1, 5n],
      [2, 9n],
      [61, 12n],
    ] as const) {
      high = to;
      await run.run(at, signal);
      windows.push((await store.state('q'))?.cursor);
    }
    assert.deepEqual(windows, [[0n, 5n], 0n, [5n, 9n], 0n, [9n, 12n], 12n]);
  });

  it('keeps the cursor when the query fails', async () => {
    const run = make(EVENTS);
    await run.begin(0);
    high = 3n;
    runner.answer = () => {
      throw new WeirError('SQL_ERROR', 'no');
    };
    await assert.rejects(run.run(1, signal), { code: 'SQL_ERROR' });
    runner.answer = events;
    await run.run(2, signal);
    assert.deepEqual(summary(await logged()), [[1, 'a1 a2 a3']]);
  });

  it('cuts a run that is too long into shorter ones', async () => {
    const run = make(EVENTS, {}, { maxRows: 10 });
    await run.begin(0);
    high = 100n;
    for (let i = 1; i < 100; i++) {
      await run.run(i, signal).catch((error: WeirError) => {
        assert.equal(error.code, 'RUN_TOO_MANY_ROWS');
      });
    }
    const values = (await logged()).flatMap(({ rows }) => rows.map((r) => JSON.parse(r.columns).v));
    assert.deepEqual(
      values,
      Array.from({ length: 100 }, (_, i) => String(i + 1)),
    );
  });

  it('is not held up by an event that alone is too much', async () => {
    const run = make(EVENTS, {}, { maxRows: 1 });
    await run.begin(0);
    high = 1n;
    runner.answer = () => [[1n], [2n]];
    const outcome = await run.run(1, signal);
    assert.equal(outcome.cut, true);
    assert.equal((await store.state('q'))?.cursor, 1n);
  });

  it('counts and compares state queries as osquery does', async () => {
    const steps = [
      ['SELECT v FROM users', [1n, 2n], 0],
      ['SELECT v FROM users', [2n, 3n], 0],
      ['SELECT v FROM users', [2n, 3n], 0],
      ['SELECT v AS v FROM users', [3n], 0],
      ['SELECT v AS v FROM users', [3n], 1],
    ] as const;
    for (const [i, [sql, rows, epoch]] of steps.entries()) {
      runner.answer = () => rows.map((v) => [v]);
      await make(sql, {}, { epoch }).run(i, signal);
    }
    assert.deepEqual(summary(await logged()), [
      [0, 'a1 a2'], // first run
      [1, 'r1 a3'],
      // counter 2: no change, no line
      [0, 'r2'], // changed SQL
      [0, 'a3'], // new epoch
    ]);
  });

  it('hides removed rows when told to, but remembers them', async () => {
    for (const rows of [[1n], [], [1n]]) {
      runner.answer = () => rows.map((v) => [v]);
      await make('SELECT v FROM users', { removed: false }).run(1, signal);
    }
    assert.deepEqual(summary(await logged()), [
      [0, 'a1'],
      [2, 'a1'],
    ]);
  });

  it('logs every snapshot, with counter 0', async () => {
    runner.answer = () => [[7n]];
    const run = make('SELECT v FROM users', { snapshot: true });
    await run.run(1, signal);
    runner.answer = () => [];
    await run.run(2, signal);
    assert.deepEqual(summary(await logged()), [
      [0, 's7'],
      [0, ''],
    ]);
  });

  it('starts a snapshot of events without a line', async () => {
    await make(EVENTS, { snapshot: true }).begin(0);
    assert.deepEqual(await logged(), []);
  });

  it('delivers exactly once whatever fails and however often it restarts', async () => {
    const step = fc.record({
      events: fc.bigInt({ min: 0n, max: 4n }),
      fault: fc.constantFrom('none', 'none', 'query', 'commit', 'lost answer', 'restart'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await store.close();
        await openStore();
        high = 0n;
        let fault = 'none';
        runner.answer = (sql, options) => {
          if (fault === 'query') throw new WeirError('SQL_TIMEOUT', 'late');
          return events(sql, options);
        };
        const faulty: ResultStore = Object.create(store, {
          state: { value: (name: string) => store.state(name) },
          commit: {
            value: async (record: Parameters<ResultStore['commit']>[0]) => {
              if (fault === 'commit') throw new WeirError('RESULTS_UNAVAILABLE', 'gone');
              const done = await store.commit(record);
              if (fault === 'lost answer') throw new WeirError('RESULTS_UNAVAILABLE', 'gone');
              return done;
            },
          },
        });
        const restart = () => make(EVENTS, {}, { store: faulty, startSeq: high });
        let run = restart();
        await run.begin(0);
        for (const [i, next] of [...steps, { events: 0n, fault: 'none' }].entries()) {
          if (next.fault === 'restart') run = restart();
          high += next.events;
          fault = next.fault;
          // A span that a timeout has shortened is caught up in several runs.
          for (let n = 0; n < (fault === 'none' ? 20 : 1); n++) {
            await run.run(i + 100 * n, signal).catch(() => {});
          }
        }
        const found = (await logged()).flatMap(({ rows }) =>
          rows.map((r) => JSON.parse(r.columns).v),
        );
        assert.deepEqual(
          found,
          Array.from({ length: Number(high) }, (_, i) => String(i + 1)),
        );
      }),
      { numRuns: 40 },
    );
  });
});
