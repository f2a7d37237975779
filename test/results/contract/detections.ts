import assert from 'node:assert/strict';
import type { ResultStore } from '../../../src/results/store.ts';
import type { QueryState } from '../../../src/results/types.ts';
import { type Open, RULE, run, state } from './fixtures.ts';

/** What every result store makes of a rule's rows. */
export function detectionsContract(name: string, open: Open): void {
  describe(`detections on ${name}`, () => {
    let store: ResultStore;
    let host = 0;

    beforeEach(async () => {
      store = await open(`detections-host-${host++}`);
    });

    afterEach(() => store.close());

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
        const other = await open('quite-another-host');
        assert.equal(await other.group(id), null);
        await assert.rejects(other.setStatus([id], 'closed', 20), { code: 'DETECTION_UNKNOWN' });
        await other.close();
      });
    });
  });
}
