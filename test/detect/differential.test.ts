import assert from 'node:assert/strict';
import fc from 'fast-check';
import { difference } from '../../src/detect/differential.ts';

function counted(rows: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return counts;
}

const rows = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

describe('difference', () => {
  it('turns the last run into this one, as multisets', () => {
    fc.assert(
      fc.property(rows, rows, (last, current) => {
        const { added, removed } = difference(counted(last), current);
        const counts = counted([...last, ...added]);
        for (const row of removed) counts.set(row, (counts.get(row) ?? 0) - 1);
        const left = [...counts].filter(([, copies]) => copies !== 0).sort();
        assert.deepEqual(left, [...counted(current)].sort());
      }),
    );
  });

  it('never says of a row both that it came and that it went', () => {
    fc.assert(
      fc.property(rows, rows, (last, current) => {
        const { added, removed } = difference(counted(last), current);
        assert.deepEqual(
          added.filter((row) => removed.includes(row)),
          [],
        );
      }),
    );
  });

  it('keeps the order of what is added', () => {
    const { added, removed } = difference(counted(['x', 'z', 'y']), ['c', 'x', 'a', 'c']);
    assert.deepEqual(added, ['c', 'a', 'c']);
    assert.deepEqual(removed, ['y', 'z']);
  });
});
