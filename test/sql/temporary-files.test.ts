import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../../src/config/errors.ts';
import { native } from '../../src/native/addon.ts';
import { QueryPool } from '../../src/sql/pool.ts';
import { eventually } from '../helpers/eventually.ts';
import { StoreFixture } from '../store/fixture.ts';

const CHILD = new URL('temporary-files-child.ts', import.meta.url).pathname;
const MIB = 1024 ** 2;

/** Sorts so many rows of 800 bytes, which no index or limit spares. */
const sorting = (rows: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows})
   SELECT count(*) FROM (SELECT i, hex(randomblob(400)) AS x FROM n ORDER BY x LIMIT ${rows} OFFSET 5)`;

describe('sql: temporary files of queries', () => {
  const fixture = new StoreFixture();
  let pool: QueryPool;
  before(() => {
    native.connections.limitTemporaryFiles(16 * MIB);
    pool = new QueryPool({ path: fixture.path, workers: 2, timeoutMs: 0, maxRows: 0 });
  });
  after(async () => {
    await pool.close();
    native.connections.limitTemporaryFiles(1024 * MIB);
    await fixture.dispose();
  });

  const first = async (sql: string): Promise<unknown> => (await pool.query(sql)).rows[0]?.[0];
  const refused = async (sql: string): Promise<void> => {
    await assert.rejects(pool.query(sql), (error) => {
      assert.ok(error instanceof WeirError);
      assert.equal(error.code, 'SQL_TEMPORARY_FILES');
      assert.match(error.message, /16 MiB.*raise query\.max_temporary_bytes/);
      return true;
    });
  };

  it('are as large as a sort needs, and no larger', async function () {
    this.timeout(60_000);
    assert.equal(await first(sorting(8_000)), 7_995n);
    await refused(sorting(40_000));
    assert.equal(native.connections.temporaryFiles(), 0);
  });

  for (const [what, sql] of [
    ['groups', (wide: string) => `SELECT count(*) FROM (SELECT x, max(i) FROM ${wide} GROUP BY x)`],
    ['distinct values', (wide: string) => `SELECT count(*) FROM (SELECT DISTINCT x FROM ${wide})`],
    [
      'what is used twice',
      (wide: string) =>
        `WITH w AS MATERIALIZED (SELECT * FROM ${wide}) SELECT count(*) FROM w, (SELECT max(x) AS m FROM w) WHERE x <= m`,
    ],
  ] as const) {
    it(`are bounded for ${what}, too; the thread answers the next query`, async function () {
      this.timeout(60_000);
      const wide = `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40000)
        SELECT i, hex(randomblob(400)) AS x FROM n)`;
      await refused(sql(wide));
      assert.equal(native.connections.temporaryFiles(), 0);
      assert.equal(await first('SELECT count(*) FROM process_events'), 0n);
    });
  }

  it('are those of all queries together', async function () {
    this.timeout(60_000);
    const results = await Promise.allSettled([1, 2].map(() => pool.query(sorting(10_000))));
    const codes = results.map((result) =>
      result.status === 'rejected' ? result.reason.code : 'ok',
    );
    // Each alone fits; both do when one is over before the other has begun to spill.
    assert.ok(
      codes.every((code) => code === 'ok' || code === 'SQL_TEMPORARY_FILES'),
      `${codes}`,
    );
    assert.equal(native.connections.temporaryFiles(), 0);
    assert.equal(await first(sorting(10_000)), 9_995n);
  });

  it('leave nothing behind when the process is killed', async function () {
    this.timeout(60_000);
    const folder = join(fixture.folder, 'spilled');
    mkdirSync(folder);
    const env = { ...process.env, SQLITE_TMPDIR: folder };
    const child: ChildProcess = fork(CHILD, [fixture.path, sorting(10_000_000)], { env });
    const gone = once(child, 'exit');
    try {
      const open = (): number =>
        readdirSync(`/proc/${child.pid}/fd`).filter((fd) => {
          try {
            return readlinkSync(`/proc/${child.pid}/fd/${fd}`).startsWith(`${folder}/`);
          } catch {
            return false; // closed meanwhile
          }
        }).length;
      assert.ok((await eventually(open, (count) => count > 0)) > 0, 'nothing was spilled');
      assert.deepEqual(readdirSync(folder), []);
    } finally {
      child.kill('SIGKILL');
      await gone;
    }
    assert.deepEqual(readdirSync(folder), []);
  });
});
