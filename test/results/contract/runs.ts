import assert from 'node:assert/strict';
import type { ResultStore } from '../../../src/results/store.ts';
import type { QueryState } from '../../../src/results/types.ts';
import { deliverAll, type Open, RULE, rowsOf, run, state } from './fixtures.ts';

/** What every result store keeps of runs. */
export function runsContract(name: string, open: Open): void {
  describe(`result store on ${name}`, () => {
    let store: ResultStore;
    let host = 0;

    beforeEach(async () => {
      store = await open(`host-${host++}`);
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
      const other = await open('other-host');
      assert.equal(await other.state('q'), null);
      await other.openSink('s');
      assert.deepEqual(await deliverAll(other, 's'), []);
      assert.equal(other.id, store.id);
      await other.close();
    });
  });
}
