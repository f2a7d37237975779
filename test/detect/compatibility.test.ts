import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openCompatibility, type Tried } from '../../src/detect/compatibility.ts';
import { loadPackFile } from '../../src/detect/pack.ts';
import { LEFT_OUT } from '../../src/tables/left-out.ts';

const PACKS = join(import.meta.dirname, '../fixtures/osquery-packs');

/** Tables of the packs that weir does not have. */
const NOT_HERE: ReadonlySet<string> = new Set([
  ...LEFT_OUT.flatMap(({ tables }) => tables),
  'hardware_events',
  // Gone from osquery too: chrome_extensions has what it had.
  'opera_extensions',
]);

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
    it(`${name}: every query for Linux runs, but for tables that are left out`, () => {
      const options = { hostname: 'h', delimiter: '/', defaultInterval: 3600 };
      const { queries, problems } = loadPackFile(join(PACKS, name), options);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      const failed = tryAll(...queries).filter(({ verdict }) => {
        if (verdict.kind === 'runs') return false;
        const table = verdict.kind === 'missing' && /^no such table: (\S+)$/.exec(verdict.what);
        return !(table && NOT_HERE.has(table[1] as string));
      });
      assert.deepEqual(failed, []);
    });
  }

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
    assert.deepEqual(table, { kind: 'missing', what, meant: 'processes' });
    assert.deepEqual(column, { kind: 'missing', what: 'no such column: pidd', meant: 'pid' });
    assert.deepEqual(missing, {
      kind: 'missing',
      what: 'no such function: frobnicate',
      meant: undefined,
    });
    assert.equal(syntax?.kind, 'wrong');
    assert.ok(required !== undefined && 'why' in required);
    assert.match(required.why, /path/);
    assert.ok(runs?.kind === 'runs' && runs.rows === 2);
    assert.equal(writes?.kind, 'wrong');
  });
});
