import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WeirError } from '../../src/config/errors.ts';
import { makeLogger } from '../../src/config/log.ts';
import { scheduledQuery } from '../../src/detect/scheduled-query.ts';
import { Scheduler, type SchedulerOptions } from '../../src/detect/scheduler.ts';
import { DueTime, splay } from '../../src/detect/timetable.ts';
import { openResultStore } from '../../src/results/open.ts';
import type { ResultStore } from '../../src/results/store.ts';
import type { Detection } from '../../src/results/types.ts';
import { eventually } from '../helpers/eventually.ts';
import { events, FakeRunner } from './fake-runner.ts';

describe('Scheduler', () => {
  let folder: string;
  let store: ResultStore;
  let scheduler: Scheduler | undefined;
  let log: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-scheduler-'));
    store = await openResultStore({ client: 'sqlite', path: join(folder, 'results.db') }, 'h');
    log = [];
  });

  afterEach(async () => {
    await scheduler?.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function make(runner: FakeRunner, queries: object, options: Partial<SchedulerOptions> = {}) {
    scheduler = new Scheduler({
      queries: Object.entries(queries).map(([name, query]) =>
        scheduledQuery(name, query, { interval: 1, discovery: query.discovery }),
      ),
      splayPercent: 0,
      log: makeLogger({ level: 'info', terminal: false, write: (line) => log.push(line) }),
      runner,
      store,
      highWater: () => 3n,
      startSeq: 0n,
      epoch: 0,
      numerics: false,
      timeoutMs: 0,
      maxRows: 100,
      ...options,
    });
    return scheduler;
  }

  it('knows how far the queries of each table have read', async () => {
    const runner = new FakeRunner((sql, options) => {
      if (sql.includes('socket') && options.window?.after === 0n) throw new Error('not now');
      return events(sql, options);
    });
    let now = 1_000_000;
    const made = make(
      runner,
      {
        files: { query: 'SELECT v FROM file_events' },
        sockets: { query: 'SELECT v FROM socket_events' },
        state: { query: 'SELECT 1' },
      },
      { now: () => now },
    );
    await made.start();
    now += 1000;
    await made.tick();
    assert.deepEqual(Object.fromEntries(made.readUpTo()), { file_events: 3n, socket_events: 0n });
  });

  it('goes on with the others when a query fails, and says so once', async () => {
    const runner = new FakeRunner((sql, options) => {
      if (sql.includes('broken')) throw new Error('no such table: broken');
      return events(sql, options);
    });
    let now = 1_000_000;
    const made = make(
      runner,
      { bad: { query: 'SELECT * FROM broken' }, good: { query: 'SELECT v FROM file_events' } },
      { now: () => now },
    );
    await made.start();
    for (let i = 0; i < 3; i++) {
      now += 1000;
      await made.tick();
    }
    const [bad, good] = made.statistics();
    assert.deepEqual([bad?.errors, bad?.lastError], [3, 'no such table: broken']);
    assert.deepEqual([good?.errors, good?.rows], [0, 3]);
    // Its later runs had no events to read.
    assert.deepEqual(good?.cpu, { userMs: 2, systemMs: 1 });
    assert.deepEqual(good?.lastCpu, { userMs: 0, systemMs: 0 });
    assert.deepEqual(bad?.cpu, { userMs: 0, systemMs: 0 });
    assert.ok(good !== undefined && (good.grown ?? -1) >= (good.lastGrown ?? -1));
    assert.equal(log.filter((line) => line.includes('query fails')).length, 1);
  });

  it('leaves out for a day what crossed its limits, over restarts too', async () => {
    let now = 1_000_000_000;
    const slow = new FakeRunner(() => {
      throw new WeirError('SQL_TIMEOUT', 'the query ran longer than 5 ms');
    });
    const queries = {
      state: { query: 'SELECT 1' },
      kept: { query: 'SELECT 2', denylist: false },
      events: { query: 'SELECT v FROM process_events' },
    };
    const run = async (): Promise<Record<string, number>> => {
      slow.asked.length = 0;
      now += 1000;
      await scheduler?.tick();
      const count = (text: string) => slow.asked.filter((sql) => sql.includes(text)).length;
      return { state: count('SELECT 1'), kept: count('SELECT 2'), events: count('new_process') };
    };
    const started = async (): Promise<Scheduler> => {
      const made = make(slow, queries, { now: () => now });
      await made.start();
      return made;
    };
    await started();
    assert.deepEqual(await run(), { state: 1, kept: 1, events: 1 });
    assert.deepEqual(await run(), { state: 0, kept: 1, events: 1 });
    assert.match(scheduler?.statistics()[0]?.lastError ?? '', /denied until 1970-01-13/);
    await scheduler?.stop();
    await started();
    assert.deepEqual(await run(), { state: 0, kept: 1, events: 1 });
    now += 86_400_000;
    assert.deepEqual(await run(), { state: 1, kept: 1, events: 1 });
  });

  it('hands detections out after they are recorded', async () => {
    const query = { query: 'SELECT v FROM file_events', severity: 'high', attack: ['T1059'] };
    const seen: Detection[] = [];
    const recorded = (detections: readonly Detection[]) => void seen.push(...detections);
    const made = make(new FakeRunner(events), { rule: query }, { recorded });
    await made.start();
    await eventually(
      () => seen.length,
      (count) => count >= 3,
    );
    assert.deepEqual(
      seen.map(({ rule, severity, row }) => [rule, severity, row]),
      [
        ['rule', 'high', '{"v":"1"}'],
        ['rule', 'high', '{"v":"2"}'],
        ['rule', 'high', '{"v":"3"}'],
      ],
    );
    assert.deepEqual([...(await store.detections(10))].reverse(), seen);
  });

  it('runs what has a startup priority first and at once', async () => {
    const runner = new FakeRunner(() => []);
    const made = make(runner, {
      b: { query: 'SELECT 2', startup_priority: 2, interval: 604_800 },
      c: { query: 'SELECT 3', interval: 604_800 },
      a: { query: 'SELECT 1', startup_priority: 1, interval: 604_800 },
    });
    await made.start();
    await eventually(
      () => runner.asked.length,
      (count) => count >= 2,
    );
    assert.deepEqual(runner.asked, ['SELECT 1', 'SELECT 2']);
  });

  it('leaves packs out whose discovery finds nothing or fails', async () => {
    const runner = new FakeRunner((sql) => {
      if (sql === 'fails') throw new Error('no');
      return sql === 'nothing' ? [] : [[1n]];
    });
    const discovery = (...queries: string[]) => ({ pack: queries.join(), queries });
    let now = 1_000_000;
    const made = make(
      runner,
      {
        out: { query: 'SELECT 1', discovery: discovery('something', 'nothing') },
        wrong: { query: 'SELECT 2', discovery: discovery('fails') },
        in: { query: 'SELECT 3', discovery: discovery('something') },
      },
      { now: () => now },
    );
    await made.start();
    for (let i = 0; i < 2; i++) {
      now += 1000;
      await made.tick();
    }
    assert.deepEqual(
      made.statistics().map(({ name, runs }) => [name, runs]),
      [
        ['out', 0],
        ['wrong', 0],
        ['in', 2],
      ],
    );
    assert.equal(runner.asked.filter((sql) => sql === 'nothing').length, 1, 'asked once an hour');
  });

  it('stops while a query runs', async () => {
    const runner = new FakeRunner(() => []);
    let asked = false;
    let aborted = false;
    runner.query = (_, options) =>
      new Promise((_, reject) => {
        asked = true;
        options?.signal?.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('cancelled'));
        });
      });
    const made = make(runner, { q: { query: 'SELECT 1', startup_priority: 0 } });
    await made.start();
    await eventually(
      () => asked,
      (yes) => yes,
    );
    await made.stop();
    assert.equal(aborted, true);
    assert.deepEqual(log, []);
  });
});

describe('timetable', () => {
  it('splays both ways within the percentage', () => {
    assert.equal(
      splay(100, 10, () => 0),
      90,
    );
    assert.equal(
      splay(100, 10, () => 0.999),
      110,
    );
    assert.equal(
      splay(5, 10, () => 0.999),
      5,
    );
    assert.equal(
      splay(604_800, 10, () => 0.999),
      604_800,
    );
  });

  it('is due at multiples of the interval, once when late', () => {
    const due = new DueTime(10, 1003);
    assert.deepEqual([due.next, due.isDue(1009), due.isDue(1010)], [1010, false, true]);
    assert.equal(due.isDue(1055), true);
    due.done(1055);
    assert.deepEqual([due.next, due.isDue(1059)], [1060, false]);
  });

  it('outlives a clock that is set back', () => {
    const due = new DueTime(10, 1_000_000);
    assert.equal(due.isDue(5), false);
    assert.equal(due.next, 10);
  });
});
