import assert from 'node:assert/strict';
import type { ResultStore } from '../../../src/results/store.ts';
import type { SuppressionCondition } from '../../../src/results/suppression.ts';
import type { QueryState } from '../../../src/results/types.ts';
import { deliverAll, type Open, RULE, run, state } from './fixtures.ts';

const is = (column: string, text: string): SuppressionCondition => ({ column, how: 'is', text });
const like = (column: string, text: string): SuppressionCondition => ({
  column,
  how: 'like',
  text,
});

/** What every result store does with rows that a person wants no detections of. */
export function suppressionsContract(name: string, open: Open): void {
  describe(`suppressions on ${name}`, () => {
    let store: ResultStore;
    let host = 0;
    let last: QueryState | null;

    beforeEach(async () => {
      store = await open(`suppressing-host-${host++}`);
      last = null;
    });

    afterEach(() => store.close());

    /** One run of rule `q` after the other; the rows that became detections. */
    async function find(time: number, ...columns: string[]): Promise<string[]> {
      const after = state({ ranAt: time, counter: time });
      const rows = columns.map((text) => ({ action: 'added', columns: text }) as const);
      const made = await store.commit(run({ before: last, after, rule: RULE, rows }));
      last = after;
      return made.map(({ row }) => row);
    }

    const suppress = (until: number, ...conditions: SuppressionCondition[]) =>
      store.suppress({ rule: 'q', conditions, reason: 'known' }, 5, until);
    const counted = async () =>
      (await store.suppressions()).map(({ count, lastTime }) => [count, lastTime]);

    it('counts what it silences, until its time is over', async () => {
      const made = await suppress(20);
      assert.deepEqual(made, {
        id: made.id,
        rule: 'q',
        conditions: [],
        reason: 'known',
        created: 5,
        until: 20,
        count: 0,
        lastTime: null,
      });
      assert.deepEqual(await store.suppressions(), [made]);
      assert.deepEqual(await find(10, '{"a":"1"}', '{"a":"2"}'), []);
      assert.deepEqual(await find(19, '{"a":"3"}'), []);
      assert.deepEqual(await find(20, '{"a":"4"}'), ['{"a":"4"}']);
      assert.deepEqual(await store.suppressions(), [{ ...made, count: 3, lastTime: 19 }]);
      assert.equal((await store.groups(10)).length, 1);
      assert.equal((await store.detections(10)).length, 1);
    });

    it('takes the rows that its conditions mean, and no others', async () => {
      await suppress(100, like('path', '/opt/*/run?'), is('uid', '0'));
      const missed = [
        '{"path":"/opt/b/run1","uid":"1"}',
        '{"path":"/opt/b/run","uid":"0"}',
        '{"path":"/OPT/b/run1","uid":"0"}',
        '{"path":"/opt/b/run1"}',
        '{"path":"x/opt/b/run1","uid":"0"}',
      ];
      const silent = ['{"path":"/opt/b/run1","uid":"0"}', '{"path":"/opt/a\\n/c/run?","uid":0}'];
      assert.deepEqual(await find(10, ...missed, ...silent), missed);
      assert.deepEqual(await counted(), [[2, 10]]);
    });

    it('a pattern takes its time from nobody', async () => {
      await suppress(100, like('path', `${'*a'.repeat(30)}*b`));
      const row = JSON.stringify({ path: 'a'.repeat(4096) });
      assert.deepEqual(await find(10, row), [row]);
    });

    it('of a column that is not there silences nothing', async () => {
      await suppress(100, like('pathh', '*'), is('toString', ''));
      assert.equal((await find(10, '{"path":"x"}')).length, 1);
    });

    it('is of one rule and one host', async () => {
      await suppress(100);
      const rows = [{ action: 'added', columns: '{"a":"1"}' }] as const;
      assert.equal((await store.commit(run({ name: 'other', rule: RULE, rows }))).length, 1);
      const other = await open('not-the-suppressing-host');
      assert.equal((await other.commit(run({ rule: RULE, rows }))).length, 1);
      assert.deepEqual(await other.suppressions(), []);
      const [{ id } = { id: 0 }] = await store.suppressions();
      await assert.rejects(other.unsuppress([id]), { code: 'SUPPRESSION_UNKNOWN' });
      await other.close();
    });

    it('counts a row once, at the oldest that it fits', async () => {
      await suppress(100, is('a', '1'));
      await suppress(100);
      await find(10, '{"a":"1"}', '{"a":"2"}', '{"a":"3"}');
      assert.deepEqual(await counted(), [
        [2, 10],
        [1, 10],
      ]);
    });

    it('ends when it is removed; all that were named or none', async () => {
      const { id } = await suppress(100);
      await assert.rejects(store.unsuppress([id, 999_999]), { code: 'SUPPRESSION_UNKNOWN' });
      assert.deepEqual(await find(10, '{"a":"1"}'), []);
      await store.unsuppress([id]);
      assert.deepEqual(await store.suppressions(), []);
      assert.equal((await find(20, '{"a":"1"}')).length, 1);
    });

    it('leaves the row in the results, marked', async () => {
      await store.openSink('s');
      await suppress(100, is('a', '1'));
      await find(10, '{"a":"1"}', '{"a":"2"}');
      const rows = (await deliverAll(store, 's')).flatMap((piece) => piece.rows);
      assert.deepEqual(rows, [
        { action: 'added', columns: '{"a":"1"}', suppressed: true },
        { action: 'added', columns: '{"a":"2"}' },
      ]);
    });

    it('counts nothing of a run that is refused', async () => {
      await suppress(100);
      await find(10, '{"a":"1"}');
      await assert.rejects(store.commit(run({ rule: RULE })), { code: 'RESULTS_CONFLICT' });
      assert.deepEqual(await counted(), [[1, 10]]);
    });

    it('leaves with the results of its time', async () => {
      await suppress(20);
      await store.prune({ before: 20, maxRows: 100 });
      assert.equal((await store.suppressions()).length, 1);
      await store.prune({ before: 21, maxRows: 100 });
      assert.deepEqual(await store.suppressions(), []);
    });
  });
}
