import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCompatibility, type Tried } from '../../src/detect/compatibility.ts';
import { loadPackFile } from '../../src/detect/pack.ts';

const PACKS = join(import.meta.dirname, '../fixtures/osquery-packs');

function tryAll(...queries: readonly { readonly name: string; readonly sql: string }[]): Tried[] {
  const compatibility = openCompatibility();
  try {
    return queries.map((query) => compatibility.try(query));
  } finally {
    compatibility.close();
  }
}

describe('compatibility of osquery’s packs', function () {
  this.timeout(60_000);

  for (const name of readdirSync(PACKS)) {
    it(`${name}: every query for Linux runs`, () => {
      const options = { hostname: 'h', delimiter: '/', defaultInterval: 3600 };
      const { queries, problems } = loadPackFile(join(PACKS, name), options);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      const failed = tryAll(...queries).filter(({ verdict }) => verdict.kind !== 'runs');
      assert.deepEqual(failed, []);
    });
  }

  it('there are 114 of them', () => {
    const options = { hostname: 'h', delimiter: '/', defaultInterval: 3600 };
    const all = readdirSync(PACKS).flatMap(
      (name) => loadPackFile(join(PACKS, name), options).queries,
    );
    assert.equal(all.length, 114);
  });

  it('says what is missing, and what was meant', () => {
    const verdicts = tryAll(
      { name: 'table', sql: 'SELECT * FROM proceses' },
      { name: 'column', sql: 'SELECT pidd FROM processes' },
      { name: 'function', sql: 'SELECT frobnicate(pid) FROM processes' },
      { name: 'syntax', sql: 'SELEC 1' },
      { name: 'required', sql: 'SELECT * FROM file' },
      { name: 'runs', sql: 'SELECT 1 UNION ALL SELECT 2' },
      { name: 'writes', sql: 'CREATE TABLE t (x)' },
    ).map(({ verdict }) => verdict);
    const [table, column, missing, syntax, required, runs, writes] = verdicts;
    const what = 'no such table: proceses';
    assert.deepEqual(table, { kind: 'missing', what, hint: 'did you mean processes?' });
    assert.deepEqual(column, {
      kind: 'missing',
      what: 'no such column: pidd',
      hint: 'did you mean pid?',
    });
    assert.deepEqual(missing, {
      kind: 'missing',
      what: 'no such function: frobnicate',
      hint: undefined,
    });
    assert.equal(syntax?.kind, 'wrong');
    assert.ok(required !== undefined && 'why' in required);
    assert.match(required.why, /path/);
    assert.ok(runs?.kind === 'runs' && runs.rows === 2);
    assert.equal(writes?.kind, 'wrong');
  });
});
