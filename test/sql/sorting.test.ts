import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { StoreFixture } from '../store/fixture.ts';

const CHILD = new URL('sorting-child.ts', import.meta.url).pathname;
const ROWS = 150_000;
/** 150 MB of random text. */
const WIDE = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${ROWS})
  SELECT i, hex(randomblob(500)) AS x FROM n`;
const MOST_MB = 40;

describe('sql: queries whose intermediate results are large', () => {
  const fixture = new StoreFixture();
  after(() => fixture.dispose());

  const run = (sql: string): { first: string; grown: number } =>
    JSON.parse(execFileSync(process.execPath, [CHILD, fixture.path, sql], { encoding: 'utf8' }));

  for (const [what, sql] of [
    ['sorts', `SELECT count(*) FROM (SELECT * FROM (${WIDE}) ORDER BY x LIMIT ${ROWS} OFFSET 5)`],
    ['groups', `SELECT count(*) FROM (SELECT x, max(i) FROM (${WIDE}) GROUP BY x)`],
    ['distinct values', `SELECT count(*) FROM (SELECT DISTINCT x FROM (${WIDE}))`],
    [
      'tables that are used twice',
      `WITH w AS MATERIALIZED (${WIDE}) SELECT count(*) FROM w, (SELECT max(x) AS m FROM w) WHERE x <= m`,
    ],
  ] as const) {
    it(`keeps ${what} in temporary files, not in memory`, function () {
      this.timeout(120_000);
      const { first, grown } = run(sql);
      assert.equal(first, String(what === 'sorts' ? ROWS - 5 : ROWS));
      assert.ok(grown < MOST_MB, `${grown} MiB for 150 MB of rows`);
    });
  }
});
