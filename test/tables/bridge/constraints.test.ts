import assert from 'node:assert/strict';
import type { Constraint, TableContext } from '../../../src/tables/bridge/context.ts';
import {
  bigint,
  type Columns,
  defineTable,
  type StateTable,
  text,
} from '../../../src/tables/bridge/table.ts';
import { openTables, type TableSet } from '../../helpers/tables.ts';

/** Numbers 1 to 20 with their text; remembers what each call was asked. */
function numbers(name: string, columns: Columns): { table: StateTable; asked: TableContext[] } {
  const asked: TableContext[] = [];
  const table = defineTable({
    name,
    description: 'Numbers',
    columns,
    examples: [],
    *generate(context) {
      asked.push(context);
      for (let n = 1; n <= 20; n++) yield { n, word: `w${n}`, other: n, time: n };
    },
  });
  return { table, asked };
}

const COLUMNS = {
  n: bigint('A number', { index: true }),
  word: text('A text', { additional: true }),
  other: bigint('Nothing that the table can use'),
  time: bigint('A range', { additional: true }),
};

describe('tables: what a table gets to see of a query', () => {
  const { table, asked } = numbers('numbers', COLUMNS);
  const outer = numbers('outers', COLUMNS);
  const strict = numbers('strict', {
    n: bigint('A number', { required: true, index: true }),
    word: text('A text', { required: true }),
  });
  let set: TableSet;

  before(() => {
    set = openTables([table, outer.table, strict.table]);
  });
  after(() => set.close());
  beforeEach(() => {
    for (const list of [asked, outer.asked, strict.asked]) list.length = 0;
  });

  function seen(column: string): readonly Constraint[] {
    assert.equal(asked.length, 1, 'generate is called once');
    return (asked[0] as TableContext).constraints(column);
  }

  it('= as a number of the column, also from text', () => {
    assert.equal(set.all('SELECT * FROM numbers WHERE n = ?', '7').length, 1);
    assert.deepEqual(seen('n'), [{ operator: '=', values: [7] }]);
  });

  it('= on text, also from a number', () => {
    assert.equal(set.all('SELECT * FROM numbers WHERE word = 12').length, 0);
    assert.deepEqual(seen('word'), [{ operator: '=', values: ['12'] }]);
  });

  it('the whole list of IN, and of IN with a subquery', () => {
    assert.equal(set.all('SELECT * FROM numbers WHERE n IN (3, 5, NULL)').length, 2);
    assert.deepEqual(seen('n'), [{ operator: '=', values: [3, 5] }]);
    asked.length = 0;
    const sub = 'SELECT n FROM outers WHERE other < 4';
    assert.equal(set.all(`SELECT * FROM numbers WHERE n IN (${sub})`).length, 3);
    assert.deepEqual(seen('n'), [{ operator: '=', values: [1, 2, 3] }]);
  });

  it('LIKE and GLOB, without the ranges that SQLite makes of them', () => {
    const sql = "SELECT * FROM numbers WHERE word LIKE 'w1%' AND word GLOB 'w?2' AND word > 'w'";
    assert.deepEqual(
      set.all(sql).map(({ n }) => n),
      [12],
    );
    const operators = seen('word').map(({ operator, values }) => `${operator} ${values}`);
    assert.deepEqual(operators.sort(), ['GLOB w?2', 'LIKE w1%']);
  });

  it('ranges of numbers where the column takes them', () => {
    assert.equal(
      set.all('SELECT * FROM numbers WHERE time BETWEEN 3 AND 5 AND time > 3').length,
      2,
    );
    assert.deepEqual(
      seen('time')
        .map(({ operator, values }) => `${operator} ${values}`)
        .sort(),
      ['<= 5', '> 3', '>= 3'],
    );
  });

  it('neither ranges on an index column nor anything on a plain one', () => {
    assert.equal(set.all('SELECT * FROM numbers WHERE n > 10 AND other = 12').length, 1);
    assert.deepEqual(seen('n'), []);
    assert.deepEqual(seen('other'), []);
  });

  it('a comparison with NULL asks for nothing', () => {
    assert.deepEqual(set.all('SELECT * FROM numbers WHERE n = NULL'), []);
    assert.equal(asked.length, 0);
  });

  it('numbers beyond 2^53 exactly', () => {
    set.all('SELECT * FROM numbers WHERE n = 9007199254740993');
    assert.deepEqual(seen('n'), [{ operator: '=', values: [9007199254740993n] }]);
  });

  it('the columns that are read', () => {
    set.all('SELECT word FROM numbers WHERE n > 3');
    const context = asked[0] as TableContext;
    assert.equal(context.uses('word'), true);
    assert.equal(context.uses('n'), true, 'SQLite compares it');
    assert.equal(context.uses('other'), false);
  });

  it('the limit, when nothing else leaves rows out', () => {
    set.all('SELECT n FROM numbers LIMIT 3');
    set.all('SELECT n FROM numbers WHERE other = 2 LIMIT 3');
    set.all('SELECT n FROM numbers ORDER BY n LIMIT 3');
    assert.deepEqual(
      asked.map(({ limit }) => limit),
      [3, undefined, undefined],
    );
  });

  it('several values for one column are those in all of them', () => {
    set.all('SELECT * FROM numbers WHERE n IN (1, 2, 3) AND n IN (2, 3, 4)');
    assert.deepEqual(asked[0]?.integers('n'), [2, 3]);
  });

  it('a join asks by the index, and never twice the same', () => {
    const sql = `SELECT count(*) AS c FROM (SELECT other % 2 + 1 AS k FROM outers) o
      CROSS JOIN numbers n ON n.n = o.k`;
    assert.deepEqual(set.all(sql), [{ c: 20 }]);
    assert.equal(outer.asked.length, 1);
    assert.deepEqual(asked.map((context) => context.integers('n')).sort(), [[1], [2]]);
    set.all(sql);
    assert.equal(asked.length, 4, 'the next statement asks anew');
  });

  it('branches of an OR are asked apart, and no row is lost or doubled', () => {
    const ns = (sql: string): unknown[] => set.all(sql).map(({ n }) => n);
    assert.deepEqual(ns("SELECT n FROM numbers WHERE n = 3 OR word = 'w4'").sort(), [3, 4]);
    assert.deepEqual(
      ns("SELECT n FROM numbers WHERE n = 3 OR word IN ('w3', 'w5')").sort(),
      [3, 5],
    );
    assert.ok(asked.length >= 4);
    assert.deepEqual(asked[0]?.equals('n'), [3]);
  });

  it('a join on a plain column makes the rows once', () => {
    const sql = 'SELECT count(*) AS c FROM outers o CROSS JOIN numbers n ON n.other = o.other';
    assert.deepEqual(set.all(sql), [{ c: 20 }]);
    assert.equal(asked.length, 1);
  });

  describe('a required column', () => {
    it('that is missing is an error that names it', () => {
      assert.throws(
        () => set.all('SELECT * FROM strict'),
        /^SqliteError: strict needs a constraint on n or word/,
      );
      assert.throws(() => set.all('SELECT * FROM strict WHERE n <> 3'), /needs a constraint/);
      assert.equal(strict.asked.length, 0);
    });

    it('is satisfied by one of them, also by IN, LIKE and a join in either order', () => {
      for (const sql of [
        'SELECT * FROM strict WHERE n = 3',
        "SELECT * FROM strict WHERE word IN ('w3')",
        "SELECT * FROM strict WHERE word LIKE '%3' AND n < 10",
        'SELECT s.* FROM strict s JOIN outers o ON s.n = o.n AND o.n = 3',
        'SELECT s.* FROM strict s, outers o WHERE o.other = 3 AND o.word = s.word',
        "SELECT * FROM strict WHERE n = 3 OR word = 'w3'",
        'SELECT * FROM strict WHERE n IN (SELECT n FROM outers WHERE other = 3)',
      ]) {
        assert.deepEqual(set.all(sql), [{ n: 3, word: 'w3' }], sql);
      }
    });
  });
});
