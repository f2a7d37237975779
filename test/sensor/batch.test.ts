import assert from 'node:assert/strict';
import fc from 'fast-check';
import { native } from '../../src/native/addon.ts';
import type { NativeBatch } from '../../src/native/batch.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { CLASS_NAMES, CLASSES, NULL_I64 } from '../../src/sensor/schema.ts';

type Value = string | Uint8Array | number | bigint | null;
type Row = Readonly<Record<string, Value>>;

const FILE = CLASS_NAMES.indexOf('file');

const value = { u32: fc.nat({ max: 0xffff_ffff }), text: fc.option(fc.string({ unit: 'binary' })) };
const i64 = fc.option(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }));

/** Rows with some of the class's columns set. */
function rowsOf(eventClass: number): fc.Arbitrary<Row[]> {
  const columns = CLASSES[CLASS_NAMES[eventClass] as 'file'].filter((c) => c.origin !== 'stream');
  const model = Object.fromEntries(
    columns.map((c) => [c.name, c.kind === 'i64' ? i64 : value[c.kind]]),
  );
  return fc.array(fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Row>, { maxLength: 40 });
}

function readBack(batch: EventBatch, row: number, name: string, kind: string): Value {
  if (kind === 'u32') return batch.u32(name)[row] as number;
  if (kind === 'text') return batch.text(name, batch.codes(name)[row] as number);
  const integer = batch.i64(name)[row] as bigint;
  return integer === NULL_I64 ? null : integer;
}

describe('native batches', () => {
  it('give back what they were built of, in every class', () => {
    const input = fc
      .nat({ max: CLASS_NAMES.length - 1 })
      .chain((eventClass) => rowsOf(eventClass).map((rows) => ({ eventClass, rows })));
    fc.assert(
      fc.property(input, ({ eventClass, rows }) => {
        const batch = new EventBatch(native.buildBatch(eventClass, rows));
        assert.equal(batch.rows, rows.length);
        for (const { name, kind, origin } of CLASSES[batch.className]) {
          if (origin === 'stream') continue;
          for (const [r, row] of rows.entries()) {
            // An identity that is not given is nobody's, not everybody's.
            const absent = name === 'identity' ? 0n : null;
            const expected = row[name] ?? (kind === 'u32' ? 0 : absent);
            // Lone surrogates are no UTF-8: the addon writes U+FFFD for them.
            const shown = typeof expected === 'string' ? expected.toWellFormed() : expected;
            assert.equal(readBack(batch, r, name, kind), shown, name);
          }
        }
      }),
    );
  });

  it('hold paths that are not UTF-8 byte for byte', () => {
    const path = Uint8Array.of(0x2f, 0xff, 0x0a, 0x80);
    const batch = new EventBatch(native.buildBatch(FILE, [{ target_path: path }]));
    assert.deepEqual(batch.bytes('target_path', batch.codes('target_path')[0] as number), path);
  });

  it('refuse what is no row of the class, naming the column', () => {
    const build = (row: Row) => () => native.buildBatch(FILE, [row]);
    assert.throws(build({ cmdline: 'x' }), /cmdline/);
    assert.throws(build({ username: 'x' }), /username.*stream/);
    assert.throws(build({ pid: -1 }), /pid/);
    assert.throws(build({ pid: 1.5 }), /pid/);
    assert.throws(build({ inode: 2n ** 63n }), /inode/);
    assert.throws(build({ target_path: 5 }), /target_path/);
    assert.throws(() => native.buildBatch(99, []), /event class/);
  });

  it('are gone after release, and say so', () => {
    const made = native.buildBatch(FILE, [{ pid: 5 }]);
    const pids = new EventBatch(made).u32('pid');
    assert.equal(pids[0], 5);
    native.release(made);
    assert.equal(pids.length, 0);
    assert.throws(() => made.buffer, /released/);
    assert.throws(() => new native.RowKeeper(FILE).put(made, 0), /released/);
    native.release(made);
    assert.throws(() => native.release({} as NativeBatch), TypeError);
  });

  it('know the schema that they were built with', () => {
    assert.match(native.schemaVersion, /^[0-9a-f]{16}$/);
  });
});

describe('RowKeeper', () => {
  const rows = [
    { time_ns: 100n, boottime_ns: 40n, target_path: '/a', pid: 1, op_id: 7n },
    { time_ns: 110n, boottime_ns: 50n, target_path: null, pid: 2, op_id: 8n },
  ];

  it('makes a summary of a kept row after its batch is gone', () => {
    const keeper = new native.RowKeeper(FILE);
    const source = native.buildBatch(FILE, rows);
    const slots = Uint32Array.of(keeper.put(source, 1), keeper.put(source, 0));
    native.release(source);
    assert.equal(keeper.size, 2);
    const counts = Uint32Array.of(5, 9);
    const first = BigInt64Array.of(110n, 100n);
    const last = BigInt64Array.of(510n, 900n);
    const batch = new EventBatch(keeper.emit(slots, counts, first, last, BigInt64Array.of(8n, 7n)));
    assert.equal(keeper.size, 0);
    assert.deepEqual([...batch.u32('pid')], [2, 1]);
    assert.deepEqual([...batch.u32('count')], [5, 9]);
    assert.deepEqual([...batch.i64('first_time_ns')], [110n, 100n]);
    assert.deepEqual([...batch.i64('time_ns')], [510n, 900n]);
    assert.deepEqual([...batch.i64('boottime_ns')], [450n, 840n]);
    assert.deepEqual([...batch.i64('op_id')], [8n, 7n]);
    assert.equal(batch.codes('target_path')[0], 0);
    assert.equal(batch.text('target_path', batch.codes('target_path')[1] as number), '/a');
  });

  it('gives slots again, and refuses those that are not in use', () => {
    const keeper = new native.RowKeeper(FILE);
    const source = native.buildBatch(FILE, rows);
    const slot = keeper.put(source, 0);
    keeper.free(slot);
    assert.throws(() => keeper.free(slot), RangeError);
    assert.equal(keeper.put(source, 1), slot);
    assert.throws(() => keeper.put(source, 2), RangeError);
    const other = native.buildBatch(CLASS_NAMES.indexOf('socket'), [{}]);
    assert.throws(() => keeper.put(other, 0), RangeError);
    const none = new BigInt64Array(1);
    assert.throws(
      () => keeper.emit(Uint32Array.of(99), Uint32Array.of(1), none, none, none),
      RangeError,
    );
    assert.equal(keeper.size, 1);
  });
});

describe('loss counters', () => {
  it('take what the stream counts, by class', () => {
    const before = native.loss();
    native.count('excludedStream', FILE, 3);
    native.count('pendingStream', FILE, 4);
    native.count('pendingStream', FILE, -4);
    native.count('coalesced', FILE, 2);
    const after = native.loss();
    const delta = (stage: keyof typeof after) =>
      (after[stage][FILE] as number) - (before[stage][FILE] as number);
    assert.equal(delta('excludedStream'), 3);
    assert.equal(delta('pending'), 0);
    assert.equal(delta('coalesced'), 2);
    assert.throws(() => native.count('stored' as 'coalesced', FILE, 1), TypeError);
    assert.throws(() => native.count('coalesced', 99, 1), TypeError);
    native.count('excludedStream', FILE, -3);
    native.count('coalesced', FILE, -2);
  });
});
