import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { native } from '../../src/native/addon.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { CLASS_NAMES, CLASSES } from '../../src/sensor/schema.ts';
import { debounce } from '../../src/stream/debounce.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { eventBatch, FakeRowKeeper, type Row, selectedValues } from '../helpers/batch.ts';

const FILE = CLASS_NAMES.indexOf('file');
const ROWS = [
  {
    pid: 1,
    target_path: '/a',
    identity: 9n,
    time_ns: 10n,
    first_time_ns: 10n,
    op_id: 1n,
    count: 1,
  },
  {
    pid: 1,
    target_path: '/a',
    identity: 9n,
    time_ns: 20n,
    first_time_ns: 15n,
    op_id: 2n,
    count: 2,
  },
  {
    pid: 2,
    target_path: '/b\n',
    identity: -9n,
    time_ns: 25n,
    first_time_ns: 25n,
    op_id: 3n,
    count: 1,
  },
  {
    pid: 1,
    target_path: '/a',
    identity: 9n,
    time_ns: 30n,
    first_time_ns: 30n,
    op_id: 4n,
    count: 1,
  },
];

const contents = (batch: EventBatch, without: readonly string[] = []): Record<string, unknown> =>
  Object.fromEntries(
    CLASSES.file
      .filter(({ name, origin }) => origin !== 'stream' && !without.includes(name))
      .map(({ name }) => [name, selectedValues(batch, name)]),
  );

/** The helpers stand in for the addon in all other tests of the stream: here they are compared. */
describe('batches of the addon and of the test helpers', () => {
  const real = (): EventBatch => new EventBatch(native.buildBatch(FILE, ROWS));
  const made = (): EventBatch => eventBatch('file', ROWS as readonly Row[]);

  it('hold the same', () => assert.deepEqual(contents(made()), contents(real())));

  it('are debounced to the same rows', () => {
    const run = (batch: EventBatch, fake: boolean): Record<string, unknown>[] => {
      const out: EventBatch[] = [];
      of(batch)
        .pipe(
          debounce({
            windowMs: 60_000,
            entries: 1024,
            makeKeeper: (c) => (fake ? new FakeRowKeeper(c) : new native.RowKeeper(c)),
            count: () => {},
            guard: new StreamGuard((_operator, error) => assert.fail(String(error))),
          }),
        )
        .subscribe((b) => out.push(b));
      // The addon moves boottime_ns with time_ns; these rows have none to move.
      return out.map((b) => contents(b, ['boottime_ns']));
    };
    const expected = run(made(), true);
    assert.equal(expected.length, 2);
    assert.deepEqual(expected[1]?.op_id, [1n]);
    assert.deepEqual(expected[1]?.count, [3]);
    assert.deepEqual(run(real(), false), expected);
  });
});
