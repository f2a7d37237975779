import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import { evaluate, openFunctions } from './connection.ts';

const BROKEN = Buffer.from('2f746d702fff2f6576696c', 'hex'); // /tmp/\xff/evil

describe('functions: regular expressions', () => {
  let db: Database.Database;
  before(() => {
    db = openFunctions();
  });
  after(() => {
    db.close();
  });

  const gives: readonly [expression: string, value: unknown][] = [
    ["'/usr/bin/sed' REGEXP '^/usr/.*sed$'", 1],
    ["'/usr/bin/sed' REGEXP 'SED'", 0],
    ["'/usr/bin/sed' REGEXP '(?i)SED'", 1],
    ["'abc' NOT REGEXP 'b'", 0],
    ["NULL REGEXP 'b'", null],
    ["'abc' REGEXP NULL", null],
    ["1234 REGEXP '^12'", 1],
    ["'abc' REGEXP ''", 1],
    ["'\u00e4b' REGEXP '^.b$'", 1],
    ["'\u{1f600}' REGEXP '^[\\x{1f600}]$'", 1],
    ["regex_match('hello world. Goodbye', '(\\w+) (\\w+)', 0)", 'hello world'],
    ["regex_match('hello world. Goodbye', '(\\w+) (\\w+)', 2)", 'world'],
    ["regex_match('hello world. Goodbye', '(\\w+) (\\w+)', 3)", null],
    ["regex_match('hello', 'x', 0)", null],
    ["regex_match('hello', 'l', -1)", null],
    ["regex_match('ab', '(a)|(b)', 2)", ''],
    ["regex_match('ab', 'a*?', 0)", ''],
    ["regex_match(NULL, 'a', 0)", null],
    ["regex_match('a', NULL, 0)", null],
    ["regex_match('a', 'a', NULL)", null],
    ["regex_split('1.2.3', '\\.', 1)", '2'],
    ["regex_split('192.168.0.1', '\\.0', 0)", '192.168'],
    ["regex_split(',a', ',', 0)", ''],
    ["regex_split('a,', ',', 1)", null],
    ["regex_split('a,,b', ',', 1)", ''],
    ["regex_split('abc', 'x', 0)", 'abc'],
    ["regex_split('', 'x', 0)", ''],
    ["regex_split('a1b22c', '[0-9]+', 2)", 'c'],
    ["regex_split('abc', 'x*', 1)", 'a'],
    ["regex_split('\u00e4\u00f6', 'x*', 1)", '\u00e4'],
    ["regex_split('a', ',', -1)", null],
    ["regex_split('xax', '^x', 1)", 'ax'],
  ];
  for (const [expression, value] of gives) {
    it(`${expression} is ${JSON.stringify(value)}`, () => {
      assert.equal(evaluate(db, expression), value);
    });
  }

  const refused: readonly [pattern: string, message: RegExp][] = [
    ['(', /bad regular expression '\(': missing \)/],
    ['[b-a]', /invalid character class range/],
    ['a**', /bad repetition operator/],
    ['(?=x)', /look-around is not supported/],
    ['(?<!x)', /look-around is not supported/],
    ['(a)\\1', /back-references are not supported/],
    ['a{1001}', /invalid repetition/],
    ['((((a{100}){100}){100}){100})', /too large|repetition/],
    [`(${'long'.repeat(100)}`, /\.\.\.': missing/],
  ];
  for (const [pattern, message] of refused) {
    it(`refuses ${pattern.slice(0, 40)}, saying why`, () => {
      for (const call of [
        "'abc' REGEXP ?",
        "regex_match('abc', ?, 0)",
        "regex_split('abc', ?, 0)",
      ]) {
        assert.throws(() => evaluate(db, call, pattern), message);
      }
    });
  }
  it('refuses to split by nothing', () => {
    assert.throws(() => evaluate(db, "regex_split('a', '', 0)"), /pattern is empty/);
  });

  it('matches text that is not UTF-8 byte by byte', () => {
    const text = `CAST(x'${BROKEN.toString('hex')}' AS TEXT)`;
    assert.equal(evaluate(db, `${text} REGEXP '^/tmp/.*evil$'`), 1);
    assert.equal(evaluate(db, `${text} REGEXP '^/tmp/[^/]/evil$'`), 1);
    assert.equal(evaluate(db, `hex(regex_match(${text}, '/tmp/(.)/', 1))`), 'FF');
    assert.equal(evaluate(db, `${text} REGEXP '\\x{1f600}'`), 0);
    assert.equal(evaluate(db, "CAST(x'61c3' AS TEXT) REGEXP CAST(x'c3' AS TEXT)"), 1);
  });

  it('takes patterns from rows, too many to keep', () => {
    const patterns = Array.from({ length: 50 }, (_, i) => `('a${i}b', '^a${i}b$')`).join(',');
    const sql = `SELECT sum(column1 REGEXP column2), count(*) FROM (VALUES ${patterns})`;
    assert.deepEqual(db.prepare(sql).raw().get(), [50, 50]);
  });

  it('answers in time that grows with the text alone', () => {
    // Each of these keeps a backtracking engine busy for longer than anyone lives.
    const text = `${'a'.repeat(100_000)}!`;
    for (const pattern of ['^(a+)+$', '^(a|aa)+$', '^(a?){50}a{50}$', '(.*)*(.*)*x', '(a*)*b']) {
      assert.equal(evaluate(db, '? REGEXP ?', text, pattern), 0);
      assert.equal(evaluate(db, 'regex_match(?, ?, 0)', text, pattern), null);
    }
  });
});
