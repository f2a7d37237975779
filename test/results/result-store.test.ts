import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openResultStore, type ResultDatabase } from '../../src/results/open.ts';
import type { ResultStore } from '../../src/results/store.ts';
import type { LoggedRows, QueryState, RunRecord } from '../../src/results/types.ts';
import { Postgres } from './postgres.ts';

const NEVER_WHOLE = () => false;

function state(overrides: Partial<QueryState> = {}): QueryState {
  return { sqlHash: 'h', epoch: 0, counter: 1, cursor: 10n, ranAt: 1000, ...overrides };
}

const RULE = { severity: 'low', attack: [], description: '' } as const;

function run(overrides: Partial<RunRecord> = {}): RunRecord {
  return {
    name: 'q',
    kind: 'events',
    numerics: false,
    decorations: {},
    before: null,
    after: state(),
    rows: [
      { action: 'added', columns: '{"a":"1"}' },
      { action: 'added', columns: '{"a":"2"}' },
    ],
    ...overrides,
  };
}

async function deliverAll(store: ResultStore, sink: string, limit = 100): Promise<LoggedRows[]> {
  const pieces: LoggedRows[] = [];
  for (;;) {
    const piece = await store.pending(sink, limit, NEVER_WHOLE);
    if (piece === null) return pieces;
    pieces.push(piece);
    const { run: logged, firstIndex, rows, last } = piece;
    const next = { run: logged.id, index: firstIndex + rows.length };
    await store.delivered(sink, last ? { run: logged.id + 1, index: 0 } : next);
  }
}

const rowsOf = (pieces: readonly LoggedRows[]): string[] =>
  pieces.flatMap((piece) => piece.rows.map((row) => row.columns));

function contract(name: string, database: () => ResultDatabase): void {
  describe(`result store on ${name}`, () => {
    let store: ResultStore;
    let host = 0;

    beforeEach(async () => {
      store = await openResultStore(database(), `host-${host++}`);
    });

    afterEach(() => store.close());

    it('knows nothing of a query that never ran', async () => {
      assert.equal(await store.state('q'), null);
      assert.equal((await store.previousRows('q')).size, 0);
    });

    it('keeps rows and state, also past 2^53', async () => {
      const after = state({ cursor: 2n ** 63n - 1n });
      await store.commit(run({ after }));
      assert.deepEqual(await store.state('q'), after);
    });

    it('refuses a run that started from another state, and keeps nothing of it', async () => {
      await store.openSink('s');
      await store.commit(run());
      const late = run({ rows: [{ action: 'added', columns: '{"a":"late"}' }] });
      await assert.rejects(store.commit(late), { code: 'RESULTS_CONFLICT' });
      assert.deepEqual(rowsOf(await deliverAll(store, 's')), ['{"a":"1"}', '{"a":"2"}']);
    });

    it('keeps nothing of a run that fails half way', async () => {
      await store.openSink('s');
      const rows = [
        ...run().rows,
        { action: 'added', columns: null as unknown as string } as const,
      ];
      await assert.rejects(store.commit(run({ rows })), { code: 'RESULTS_UNAVAILABLE' });
      assert.equal(await store.state('q'), null);
      assert.deepEqual(await deliverAll(store, 's'), []);
    });

    it('writes more rows than one statement may have parameters', async () => {
      await store.openSink('s');
      const rows = Array.from({ length: 20_001 }, (_, i) => ({
        action: 'added' as const,
        columns: `{"a":"${i}"}`,
      }));
      await store.commit(run({ rows }));
      const pieces = await deliverAll(store, 's', 7000);
      assert.deepEqual(
        pieces.map((piece) => [piece.firstIndex, piece.rows.length, piece.last]),
        [
          [0, 7000, false],
          [7000, 7000, false],
          [14_000, 6001, true],
        ],
      );
      assert.deepEqual(
        rowsOf(pieces),
        rows.map((row) => row.columns),
      );
    });

    it('remembers rows of a differential query as a multiset', async () => {
      const change = (fresh: boolean, added: string[], removed: string[]) => ({
        fresh,
        added,
        removed,
      });
      const first = state({ cursor: null, counter: 0 });
      await store.commit(run({ after: first, previous: change(true, ['x', 'x', 'y'], []) }));
      const second = state({ cursor: null, counter: 1 });
      await store.commit(
        run({ before: first, after: second, previous: change(false, ['z', 'x'], ['y', 'x']) }),
      );
      assert.deepEqual([...(await store.previousRows('q'))].sort(), [
        ['x', 2],
        ['z', 1],
      ]);
      const third = state({ cursor: null, counter: 0, epoch: 1 });
      await store.commit(run({ before: second, after: third, previous: change(true, ['y'], []) }));
      assert.deepEqual([...(await store.previousRows('q'))], [['y', 1]]);
    });

    it('keeps rows that are too long to be a key', async () => {
      const long = JSON.stringify({ cmdline: 'é'.repeat(100_000) });
      await store.commit(run({ previous: { fresh: true, added: [long], removed: [] } }));
      assert.equal((await store.previousRows('q')).get(long), 1);
    });

    it('records empty snapshots, but no other empty runs', async () => {
      await store.openSink('s');
      await store.commit(run({ name: 'e', rows: [] }));
      await store.commit(run({ name: 'n', kind: 'snapshot', rows: [] }));
      const pieces = await deliverAll(store, 's');
      assert.deepEqual(
        pieces.map((piece) => [piece.run.name, piece.rows.length]),
        [['n', 0]],
      );
    });

    it('gives each sink its own position and a new sink nothing from before', async () => {
      await store.openSink('old');
      await store.commit(run());
      await store.openSink('new');
      const after = state({ counter: 2, cursor: 20n });
      const rows = [{ action: 'added' as const, columns: '{"a":"3"}' }];
      await store.commit(run({ before: state(), after, rows }));
      assert.deepEqual(rowsOf(await deliverAll(store, 'new')), ['{"a":"3"}']);
      assert.deepEqual(rowsOf(await deliverAll(store, 'old')), [
        '{"a":"1"}',
        '{"a":"2"}',
        '{"a":"3"}',
      ]);
      await store.openSink('old');
      assert.deepEqual(await deliverAll(store, 'old'), []);
    });

    it('makes detections of what a rule added', async () => {
      const rule = { severity: 'high', attack: ['T1059.004'], description: 'd' } as const;
      const rows = [
        { action: 'removed', columns: '{"a":"0"}' },
        { action: 'added', columns: '{"a":"1"}' },
      ] as const;
      const made = await store.commit(run({ rule, rows }));
      assert.equal(made.length, 1);
      assert.deepEqual(await store.detections(10), made);
      assert.deepEqual(made[0], {
        id: made[0]?.id,
        rule: 'q',
        unixTime: 1000,
        row: '{"a":"1"}',
        ...rule,
      });
      assert.match(made[0]?.id ?? '', /^[0-9a-f]{12}-\d+-1$/);
    });

    describe('detections with their repeats', () => {
      const rows = (...columns: string[]) =>
        columns.map((text) => ({ action: 'added', columns: text }) as const);
      let last: QueryState | null;

      beforeEach(() => {
        last = null;
      });

      /** One run of rule `q` after the other. */
      async function find(time: number, ...columns: string[]): Promise<void> {
        const after = state({ ranAt: time, counter: time });
        await store.commit(run({ before: last, after, rule: RULE, rows: rows(...columns) }));
        last = after;
      }

      it('counts rows of one process, whatever else differs', async () => {
        await find(10, '{"process_id":"7","path":"/a"}', '{"process_id":"8","path":"/a"}');
        await find(20, '{"process_id":"7","path":"/b"}', '{"process_id":"7","path":"/c"}');
        const [seven, eight] = await store.groups(10);
        assert.deepEqual(
          [seven?.count, seven?.firstTime, seven?.lastTime, seven?.row, seven?.status],
          [3, 10, 20, '{"process_id":"7","path":"/c"}', 'new'],
        );
        assert.deepEqual([eight?.count, eight?.firstTime, eight?.lastTime], [1, 10, 10]);
        const matching = await store.groupRows(seven?.id ?? 0, 10);
        assert.deepEqual(
          matching.map(({ unixTime, row }) => [unixTime, JSON.parse(row).path]),
          [
            [10, '/a'],
            [20, '/b'],
            [20, '/c'],
          ],
        );
        assert.match(matching[2]?.id ?? '', /^[0-9a-f]{12}-\d+-1$/);
      });

      it('counts equal rows without process, whatever their times', async () => {
        await find(10, '{"time":"1","name":"x"}', '{"time":"1","name":"y"}');
        await find(20, '{"time":"2","name":"x"}');
        assert.deepEqual(
          (await store.groups(10)).map((each) => each.count),
          [2, 1],
        );
      });

      it('keeps rules apart', async () => {
        await find(10, '{"process_id":"7"}');
        const other = rows('{"process_id":"7"}');
        await store.commit(run({ name: 'other', rule: RULE, rows: other }));
        assert.equal((await store.groups(10)).length, 2);
      });

      it('begins anew when a closed one comes again, and lists by status', async () => {
        await find(10, '{"process_id":"7"}');
        const [first] = await store.groups(10);
        const id = first?.id ?? 0;
        await store.setStatus([id], 'acknowledged', 15);
        await find(20, '{"process_id":"7"}');
        assert.equal((await store.group(id))?.count, 2);
        await store.setStatus([id], 'closed', 25);
        await find(30, '{"process_id":"7"}');
        const closed = await store.groups(10, 'closed');
        assert.deepEqual(
          closed.map((each) => [each.id, each.count, each.statusTime]),
          [[id, 2, 25]],
        );
        assert.deepEqual(
          (await store.groups(10, 'new')).map((each) => each.count),
          [1],
        );
        await assert.rejects(store.setStatus([id], 'new', 35), { code: 'DETECTION_OPEN' });
        assert.equal((await store.group(id))?.status, 'closed');
      });

      it('changes all that it was given or none', async () => {
        await find(10, '{"process_id":"7"}');
        const id = (await store.groups(1))[0]?.id ?? 0;
        await assert.rejects(store.setStatus([id, 999_999], 'closed', 20), {
          code: 'DETECTION_UNKNOWN',
        });
        assert.equal((await store.group(id))?.status, 'new');
        await store.setStatus([id], 'false_positive', 20);
        await store.setStatus([id], 'new', 30);
        await find(40, '{"process_id":"7"}');
        assert.equal((await store.group(id))?.count, 2);
      });

      it('groups more rows than one statement may have parameters', async () => {
        await find(
          10,
          ...Array.from({ length: 1201 }, (_, i) => `{"process_id":"${(i % 600) + 1}"}`),
        );
        const groups = await store.groups(1000);
        assert.equal(groups.length, 600);
        assert.equal(
          groups.reduce((sum, each) => sum + each.count, 0),
          1201,
        );
      });

      it('shows them to their own host only', async () => {
        await find(10, '{"process_id":"7"}');
        const id = (await store.groups(1))[0]?.id ?? 0;
        const other = await openResultStore(database(), 'quite-another-host');
        assert.equal(await other.group(id), null);
        await assert.rejects(other.setStatus([id], 'closed', 20), { code: 'DETECTION_UNKNOWN' });
        await other.close();
      });
    });

    it('keeps a splayed interval until the interval changes', async () => {
      assert.equal(await store.splay('q', 60, 57), 57);
      assert.equal(await store.splay('q', 60, 63), 57);
      assert.equal(await store.splay('q', 90, 91), 91);
    });

    it('forgets old runs and too many rows, and says what sinks missed', async () => {
      await store.openSink('dead');
      let before: QueryState | null = null;
      for (let i = 1; i <= 4; i++) {
        const after = state({ counter: i, ranAt: i * 100 });
        await store.commit(run({ before, after }));
        before = after;
      }
      const pruned = await store.prune({ before: 150, maxRows: 4 });
      assert.equal(pruned.rows, 4);
      assert.deepEqual([...pruned.undelivered], [['dead', 4]]);
      assert.equal((await deliverAll(store, 'dead')).length, 2);
      assert.deepEqual(await store.prune({ before: 150, maxRows: 4 }), {
        rows: 0,
        undelivered: new Map(),
      });
      assert.deepEqual(await store.state('q'), before);
    });

    it('records runs of many queries at once, or none of them', async () => {
      const names = Array.from({ length: 1100 }, (_, i) => `q${i}`);
      await store.commit(...names.map((name) => run({ name })));
      assert.equal((await store.state('q1099'))?.counter, 1);
      const next = state({ counter: 2 });
      const wrong = run({ name: 'q1', before: null, after: next });
      const right = run({ name: 'q0', before: await store.state('q0'), after: next });
      await assert.rejects(store.commit(right, wrong), { code: 'RESULTS_CONFLICT' });
      assert.equal((await store.state('q0'))?.counter, 1);
    });

    it('remembers denied queries until their time is over', async () => {
      const denial = { name: 'q', sqlHash: 'h', until: 200, reason: 'took too long' };
      await store.deny({ ...denial, until: 100 });
      await store.deny(denial);
      assert.deepEqual(await store.denials(199), [denial]);
      assert.deepEqual(await store.denials(200), []);
    });

    it('forgets queries that are gone, and only their state', async () => {
      await store.commit(run({ name: 'gone', after: state({ ranAt: 10 }), rule: RULE }));
      await store.commit(run({ name: 'kept', after: state({ ranAt: 10 }) }));
      await store.commit(run({ name: 'recent', after: state({ ranAt: 30 }) }));
      assert.equal(await store.forgetQueries(['kept'], 20), 1);
      assert.equal(await store.state('gone'), null);
      assert.notEqual(await store.state('kept'), null);
      assert.notEqual(await store.state('recent'), null);
      assert.equal((await store.detections(9))[0]?.rule, 'gone');
    });

    it('sees only its own host', async () => {
      await store.commit(run());
      const other = await openResultStore(database(), 'other-host');
      assert.equal(await other.state('q'), null);
      await other.openSink('s');
      assert.deepEqual(await deliverAll(other, 's'), []);
      assert.equal(other.id, store.id);
      await other.close();
    });
  });
}

describe('result stores', () => {
  let folder: string;
  let postgres: Postgres;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), 'weir-results-'));
    postgres = await Postgres.start();
  });

  after(async () => {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  contract('SQLite', () => ({ client: 'sqlite', path: join(folder, 'results.db') }));
  contract('PostgreSQL', () => ({ client: 'pg', connection: postgres.connection }));

  it('says why a database cannot be opened', async () => {
    const missing = join(folder, 'no', 'such', 'results.db');
    await assert.rejects(openResultStore({ client: 'sqlite', path: missing }, 'h'), {
      code: 'RESULTS_UNAVAILABLE',
    });
    await assert.rejects(
      openResultStore({ client: 'pg', connection: { host: join(folder, 'none') } }, 'h'),
      { code: 'RESULTS_UNAVAILABLE' },
    );
  });

  it('lets hosts that start together share a new database', async () => {
    const other = { ...postgres.connection, database: 'postgres' };
    const stores = await Promise.all(
      ['a', 'b', 'c'].map((host) => openResultStore({ client: 'pg', connection: other }, host)),
    );
    assert.equal(new Set(stores.map((store) => store.id)).size, 1);
    await Promise.all(stores.map((store) => store.close()));
  });
});
