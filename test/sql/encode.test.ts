import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeRow } from '../../src/sql/decode.ts';
import { RowEncoder } from '../../src/sql/encode.ts';
import type { SqlValue } from '../../src/sql/types.ts';

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
  fc.double({ noNaN: true }).filter((number) => !Object.is(number, -0)),
  fc.uint8Array(),
);

describe('sql: rows on the wire', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (row) => {
        const columns = row.map((_, i) => ({ name: `c${i}`, type: '' }));
        const line = new RowEncoder('wire', columns).row(row);
        assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1);
        const plain = row.map((v) => (v instanceof Uint8Array ? Buffer.from(v) : v));
        assert.deepEqual(decodeRow(line), plain);
      }),
    );
  });

  it('json is valid for any names and values', () => {
    const name = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 }), (pairs) => {
        const encoder = new RowEncoder(
          'json',
          pairs.map(([n]) => ({ name: n, type: '' })),
        );
        const row = pairs.map(([, v]) => v);
        const parsed = JSON.parse(encoder.row(row) + encoder.row(row) + encoder.end());
        assert.equal(parsed.length, 2);
        assert.equal(Object.keys(parsed[0]).length, pairs.length);
      }),
    );
  });
});
