import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { evaluate, openFunctions } from './connection.ts';

describe('functions: versions', () => {
  let db: Database.Database;
  before(() => {
    db = openFunctions();
  });
  after(() => {
    db.close();
  });

  const order = (a: string, b: string, options: string): number => {
    for (const [
      op,
      sign,
    ] of [['<', -1], ['=', 0], ['>', 1]] as const /* biome-ignore format: a list */) {
      if (evaluate(db, `version_compare(?, '${op}', ?${options})`, a, b) === 1) return sign;
    }
    return Number.NaN;
  };

  const COLLATIONS = {
    version: '',
    version_arch: ', 1, 0, 1, 1',
    version_dpkg: ', 1, 1',
    version_rhel: ', 1, 1, 1',
  };
  type Collation = keyof typeof COLLATIONS;
  // In the order of version, version_arch, version_dpkg, version_rhel: what a is against b.
  const cases: readonly [a: string, b: string, ...orders: [number, number, number, number]][] = [
    ['1.0.50', '1.0.6', 1, 1, 1, -1],
    ['10.10', '10.9', 1, 1, 1, -1],
    ['1.2.3', '1.2.3', 0, 0, 0, 0],
    ['1.2', '1.2.1', -1, -1, -1, -1],
    ['1.2.3-alpha', '1.2.3-beta', 1, -1, 1, -1],
    ['', '1', -1, -1, -1, -1],
    ['1:1.0', '2.0', -1, 1, 1, 1],
    ['1.0~rc1', '1.0', 1, -1, 1, -1],
    ['1.0-1', '1.0', 1, 0, 1, 0],
    ['1.0^git', '1.0', 1, 1, 1, 1],
    ['1.0-1', '1.0.1', 0, 0, -1, -1],
    ['1.0a', '1.0', 1, 1, 1, 1],
    ['2', '10', -1, -1, -1, 1],
    ['b', 'aa', -1, 1, -1, 1],
  ];
  for (const [a, b, ...orders] of cases) {
    it(`${a} against ${b}`, () => {
      for (const [i, name] of (Object.keys(COLLATIONS) as Collation[]).entries()) {
        const expected = orders[i] as number;
        assert.equal(order(a, b, COLLATIONS[name]), expected, name);
        assert.equal(order(b, a, COLLATIONS[name]), 0 - expected, `${name}, turned round`);
        const less = evaluate(db, `? < ? COLLATE ${name}`, a, b);
        assert.equal(less, expected < 0 ? 1 : 0, name);
      }
    });
  }

  it('takes every operator, and NULL', () => {
    const holds = (op: string): unknown => evaluate(db, `version_compare('1.10', ?, '1.9')`, op);
    assert.deepEqual(['<', '<=', '=', '>=', '>'].map(holds), [0, 0, 0, 1, 1]);
    assert.equal(evaluate(db, "version_compare('1', '<=', '1')"), 1);
    assert.equal(evaluate(db, "version_compare(NULL, '<=', '1')"), null);
    assert.throws(() => holds('=='), /must be one of/);
    assert.throws(() => evaluate(db, "version_compare('1', '<')"), /takes a version/);
  });

  it('turned round, every comparison is turned round', () => {
    const version = fc.string({ unit: fc.constantFrom(...'0129ab~-^.:'), maxLength: 8 });
    fc.assert(
      fc.property(version, version, (a, b) => {
        for (const options of Object.values(COLLATIONS)) {
          assert.equal(order(a, b, options) + order(b, a, options), 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
