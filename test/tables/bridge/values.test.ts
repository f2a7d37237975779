import assert from 'node:assert/strict';
import {
  bigint,
  type Cell,
  defineTable,
  double,
  integer,
  text,
  unsigned,
} from '../../../src/tables/bridge/table.ts';
import { openTables, type TableSet } from '../../helpers/tables.ts';

/** What each row of `cells` has in its one cell. */
let cells: Cell[] = [];
const COLUMNS = {
  i: integer('Integer'),
  b: bigint('Bigint', { aliases: ['bee'] }),
  u: unsigned('Unsigned'),
  d: double('Double'),
  t: text('Text', { collate: 'nocase' }),
  h: text('Hidden', { hidden: true }),
};
const table = defineTable({
  name: 'cells',
  aliases: ['cell_alias'],
  description: 'Values',
  columns: COLUMNS,
  examples: [],
  generate: () => cells.map((c) => ({ i: c, b: c, u: c, d: c, t: c, h: c })),
});

describe('tables: values on their way from TypeScript to SQL', () => {
  let set: TableSet;

  before(() => {
    set = openTables([table]);
  });
  after(() => set.close());

  function shown(column: keyof typeof COLUMNS, ...values: Cell[]): unknown[] {
    cells = values;
    const sql = `SELECT typeof(${column}) || ' ' || ${column} FROM cells`;
    return set.db.prepare(sql).pluck().all();
  }

  it('numbers', () => {
    assert.deepEqual(shown('i', 1, -5, '12', ' 7 ', true, false), [
      'integer 1',
      'integer -5',
      'integer 12',
      'integer 7',
      'integer 1',
      'integer 0',
    ]);
    assert.deepEqual(shown('d', 1, '2.5', 0.25), ['real 1.0', 'real 2.5', 'real 0.25']);
  });

  it('numbers at and beyond the edges are exact', () => {
    assert.deepEqual(shown('u', 2n ** 53n + 1n, '9007199254740993', 2n ** 63n - 1n, -(2n ** 63n)), [
      'integer 9007199254740993',
      'integer 9007199254740993',
      'integer 9223372036854775807',
      'integer -9223372036854775808',
    ]);
    assert.deepEqual(shown('u', 2n ** 64n - 1n, '18446744073709551615'), [
      'text 18446744073709551615',
      'text 18446744073709551615',
    ]);
  });

  it('what is no number is NULL in a number column', () => {
    assert.deepEqual(shown('i', null, undefined, '', 'x', Number.NaN, '1.5'), Array(6).fill(null));
    assert.deepEqual(shown('d', null, undefined, '', 'x', Number.NaN), Array(5).fill(null));
  });

  it('text, empty text and NULL stay apart', () => {
    assert.deepEqual(shown('t', 'a', '', null, undefined, 7, 7n, true), [
      'text a',
      'text ',
      null,
      null,
      'text 7',
      'text 7',
      'text 1',
    ]);
  });

  it('text of any script, with NUL and lone surrogates', () => {
    cells = ['ü', '漢字', '😀', 'a\0b', '\ud800', 'x'.repeat(3_000_000), 'end'];
    const rows = set.all('SELECT t FROM cells').map(({ t }) => t);
    assert.deepEqual(rows, [...cells.slice(0, 4), '\ufffd', ...cells.slice(5)]);
  });

  it('bytes that are not UTF-8 are text that keeps them', () => {
    cells = [Buffer.from([0x61, 0xff, 0xfe]), 'x'];
    const sql = 'SELECT hex(t) AS hex, typeof(t) AS type, CAST(t AS BLOB) AS exact FROM cells';
    const [row] = set.all(sql);
    assert.deepEqual(row, { hex: '61FFFE', type: 'text', exact: Buffer.from([0x61, 0xff, 0xfe]) });
  });

  it('hidden columns, aliases of columns and of the table, collations', () => {
    cells = ['Text'];
    assert.deepEqual(Object.keys(set.all('SELECT * FROM cells')[0] ?? {}), [
      'i',
      'b',
      'u',
      'd',
      't',
    ]);
    assert.deepEqual(set.all("SELECT h, bee FROM cell_alias WHERE t = 'TEXT'"), [
      { h: 'Text', bee: null },
    ]);
  });

  it('many rows come in batches, none twice and none missing', () => {
    cells = Array.from({ length: 10_007 }, (_, i) => i);
    const [row] = set.all('SELECT count(DISTINCT i) AS n, count(*) AS c, sum(i) AS s FROM cells');
    assert.deepEqual(row, { n: 10_007, c: 10_007, s: (10_006 * 10_007) / 2 });
  });
});
