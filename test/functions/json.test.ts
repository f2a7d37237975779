import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { evaluate, openFunctions } from './connection.ts';

describe('functions: weir_json', () => {
  let db: Database.Database;
  before(() => {
    db = openFunctions();
  });
  after(() => {
    db.close();
  });

  const cases: readonly [args: string, json: string][] = [
    ['', '{}'],
    ["'a', 1, 'b', NULL, 'c', 1.5, 'd', 'x'", '{"a":1,"b":null,"c":1.5,"d":"x"}'],
    ["'a', 9007199254740991", '{"a":9007199254740991}'],
    ["'a', 9007199254740992", '{"a":"9007199254740992"}'],
    ["'a', -9223372036854775807 - 1", '{"a":"-9223372036854775808"}'],
    ["'a', 9e999", '{"a":"Inf"}'],
    ["'a', x'00ff'", '{"a":{"hex":"00FF"}}'],
    ["'a', CAST(x'2fff41' AS TEXT)", '{"a":{"hex":"2FFF41"}}'],
    ["'a', CAST(x'00' AS TEXT)", '{"a":"\\u0000"}'],
    ["'a\"', '\u{1f600}'", '{"a\\"":"\u{1f600}"}'],
  ];
  for (const [args, json] of cases) {
    it(`(${args}) is ${json}`, () => assert.equal(evaluate(db, `weir_json(${args})`), json));
  }

  it('writes any text as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer(), (text, number) => {
        const json = evaluate(
          db,
          'weir_json(?, ?, ?, CAST(? AS INTEGER))',
          text,
          text,
          'n',
          number,
        );
        assert.equal(json, `{${JSON.stringify(text)}:${JSON.stringify(text)},"n":${number}}`);
      }),
      { numRuns: 500 },
    );
  });

  it('takes names and values only in pairs', () => {
    assert.throws(() => evaluate(db, "weir_json('a')"), /names and values/);
  });
});
