import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitStatements } from '../../src/sql/statements.ts';

describe('sql: statements', () => {
  const cases: readonly [name: string, sql: string, statements: string[], rest: string][] = [
    ['one', 'SELECT 1;', ['SELECT 1'], ''],
    ['none yet', 'SELECT 1', [], 'SELECT 1'],
    ['two and a half', 'SELECT 1; SELECT 2;SEL', ['SELECT 1', 'SELECT 2'], 'SEL'],
    ['in a string', "SELECT ';''; ';", ["SELECT ';''; '"], ''],
    ['open string', "SELECT 'a;", [], "SELECT 'a;"],
    ['names', 'SELECT ";" , [;], `;`;', ['SELECT ";" , [;], `;`'], ''],
    ['line comment', 'SELECT 1 -- ; no\n;', ['SELECT 1 -- ; no'], ''],
    ['block comment', 'SELECT /* ; */ 1;', ['SELECT /* ; */ 1'], ''],
    ['open comment', 'SELECT 1 /* ;', [], 'SELECT 1 /* ;'],
    ['empty ones', ';; -- x\n;', [], ''],
  ];
  for (const [name, sql, statements, rest] of cases) {
    it(name, () => assert.deepEqual(splitStatements(sql), { statements, rest }));
  }

  it('text typed in pieces gives the same statements', () => {
    const piece = fc.constantFrom("'", '"', ';', '--', '\n', '/*', '*/', 'a', ' ', '[', ']', '`');
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (a, b) => {
        const first = splitStatements(a.join(''));
        const second = splitStatements(first.rest + b.join(''));
        const whole = splitStatements(a.join('') + b.join(''));
        // A comment's or string's first half may have looked like something else before.
        if (/[-/*'"`[\]]/.test(`${a.at(-1) ?? ''}${b[0] ?? ''}`)) return;
        assert.deepEqual([...first.statements, ...second.statements], whole.statements);
      }),
    );
  });
});
