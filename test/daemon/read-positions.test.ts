import assert from 'node:assert/strict';
import { readPositions } from '../../src/daemon/read-positions.ts';
import { CLASS_NAMES, type ClassName } from '../../src/sensor/schema.ts';

describe('daemon: what scheduled queries have read', () => {
  const NOBODY = 2n ** 63n - 1n;

  it('is the least cursor of a class, whichever of its tables is read', () => {
    const cursors = new Map([
      ['process_events', 7n],
      ['file_events', 20n],
      ['process_file_events', 10n],
    ]);
    const expected = { process: 7n, file: 10n } as Partial<Record<ClassName, bigint>>;
    assert.deepEqual(
      [...readPositions(cursors)],
      CLASS_NAMES.map((name) => expected[name] ?? NOBODY),
    );
  });

  it('leaves classes that no query reads alone', () => {
    assert.deepEqual([...readPositions(new Map())], new Array(CLASS_NAMES.length).fill(NOBODY));
  });
});
