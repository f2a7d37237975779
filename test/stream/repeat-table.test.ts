import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RepeatTable } from '../../src/stream/repeat-table.ts';

describe('RepeatTable', () => {
  // Few distinct low words, so that probe sequences run into each other and wrap around.
  const word = fc.constantFrom(0, 1, 2, 15, 16, 31, 0xfffffffe, 0xffffffff);
  const step = fc.oneof(
    fc.record({ low: word, high: fc.nat({ max: 3 }) }),
    fc.constant('remove' as const),
  );

  it('behaves like a Map in order of insertion', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new RepeatTable(12);
        const model = new Map<string, number>();
        for (const action of steps) {
          if (action === 'remove') {
            const oldest = model.keys().next().value;
            if (oldest === undefined) continue;
            assert.equal(table.oldest, model.get(oldest));
            table.removeOldest();
            model.delete(oldest);
          } else {
            const key = `${action.low} ${action.high}`;
            const place = table.find(action.low, action.high);
            assert.equal(place, model.get(key) ?? -1);
            if (place >= 0 || model.size === 12) continue;
            model.set(key, table.add(action.low, action.high, 0));
          }
          assert.equal(table.size, model.size);
          for (const [key, place] of model) {
            const [low, high] = key.split(' ').map(Number);
            assert.equal(table.find(low as number, high as number), place);
          }
          const order = [];
          for (let p = table.oldest; p >= 0; p = table.next(p)) order.push(p);
          assert.deepEqual(order, [...model.values()]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
