import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDocument } from '../../src/config/document.ts';
import { EventStore } from '../../src/daemon/event-store.ts';
import { native } from '../../src/native/addon.ts';
import { CLASS_NAMES } from '../../src/sensor/schema.ts';
import { QueryPool } from '../../src/sql/pool.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';

const FOREVER = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';
const code = (expected: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, expected, String(error));
  return true;
};

describe('sql: query pool', () => {
  const scratch = makeScratch();
  let store: EventStore;
  let pool: QueryPool;

  before(async () => {
    const defaults = checkDocument('{}').value;
    assert.ok(defaults);
    store = new EventStore({ ...defaults, state_dir: scratch });
    // Rows without a time would be older than any retention.
    const time_ns = BigInt(Date.now()) * 1_000_000n;
    const rows = [0, 1, 2, 3, 4].map((i) => ({ time_ns, pid: 100 + i, path: `/bin/p${i}` }));
    const batch = native.buildBatch(CLASS_NAMES.indexOf('process'), rows);
    store.native.append(batch, null, []);
    const path = join(scratch, 'events.db');
    pool = new QueryPool({ path, workers: 2, timeoutMs: 20_000, maxRows: 1000, maxWaiting: 2 });
    await pool.warm();
  });
  after(async () => {
    await pool.close();
    await store.close();
    removeScratch(scratch);
  });

  it('integers are bigint, reals numbers, and columns have their types', async () => {
    const sql = `SELECT pid, 1.0 AS r, NULL AS n, x'00' AS b, 9223372036854775807 AS big
      FROM process_events WHERE pid = 102`;
    const { columns, rows, stats, truncated } = await pool.query(sql);
    assert.deepEqual(columns[0], { name: 'pid', type: 'BIGINT' });
    assert.deepEqual(
      columns.map(({ name }) => name),
      ['pid', 'r', 'n', 'b', 'big'],
    );
    assert.deepEqual(rows, [[102n, 1, null, Uint8Array.of(0), 2n ** 63n - 1n]]);
    assert.equal(stats.rows, 1);
    assert.equal(truncated, false);
  });

  it('says what event tables looked at for one query, not for those before', async () => {
    for (let i = 0; i < 2; i++) {
      const { stats } = await pool.query('SELECT max(pid) FROM process_events');
      assert.deepEqual(stats.scan, { blocks: 1, skipped: 0, rows: 5 });
    }
    const { stats } = await pool.query('SELECT 1');
    assert.deepEqual(stats.scan, { blocks: 0, skipped: 0, rows: 0 });
  });

  it('says how much processor time a query took', async () => {
    const count = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000)';
    const { stats } = await pool.query(`${count} SELECT count(*) FROM n`);
    const { userMs, systemMs } = stats.cpu;
    // The scheduler may count a tick twice on a busy machine, never many.
    assert.ok(userMs > 5, `${userMs} ms`);
    assert.ok(systemMs >= 0 && userMs + systemMs < stats.wallMs + 20, `${stats.wallMs} ms`);
  });

  it('a window decides what T, new_T and old_T show', async () => {
    const first = store.native.highWater() - 4n;
    const window = { after: first + 1n, upto: first + 3n };
    const count = async (table: string) =>
      (await pool.query(`SELECT count(*) FROM ${table}`, { window })).rows[0]?.[0];
    assert.equal(await count('old_process_events'), 2n);
    assert.equal(await count('new_process_events'), 2n);
    assert.equal(await count('process_events'), 4n);
    const { rows } = await pool.query('SELECT count(*) FROM process_events');
    assert.deepEqual(rows, [[5n]], 'no window is left behind');
  });

  it('rows beyond the limit are cut, and said so', async () => {
    const { rows, truncated } = await pool.query(`${FOREVER} SELECT i FROM n`, { maxRows: 700 });
    assert.equal(rows.length, 700);
    assert.equal(truncated, true);
    const exact = await pool.query(`${FOREVER} SELECT i FROM n LIMIT 700`, { maxRows: 700 });
    assert.equal(exact.truncated, false);
  });

  it('a query ends at its deadline, and its thread goes on', async () => {
    const sql = `${FOREVER} SELECT max(i) FROM n`;
    await assert.rejects(pool.query(sql, { timeoutMs: 100 }), code('SQL_TIMEOUT'));
    assert.deepEqual((await pool.query('SELECT 1')).rows, [[1n]]);
  });

  it('a consumer that does not read cannot hold a query beyond its deadline', async () => {
    const stream = pool.stream(`${FOREVER} SELECT i FROM n`, { timeoutMs: 300, maxRows: 0 });
    await stream.columns;
    await assert.rejects(stream.end, code('SQL_TIMEOUT'));
  });

  it('cancel interrupts a query that yields nothing', async () => {
    const stop = new AbortController();
    const asked = pool.query(`${FOREVER} SELECT max(i) FROM n`, {
      timeoutMs: 0,
      signal: stop.signal,
    });
    await sleep(100);
    stop.abort();
    await assert.rejects(asked, code('SQL_CANCELLED'));
  });

  it('leaving a result early ends its query', async () => {
    const stream = pool.stream(`${FOREVER} SELECT i FROM n`, { timeoutMs: 0, maxRows: 0 });
    for await (const chunk of stream) {
      assert.ok(chunk.length > 0);
      break;
    }
    await assert.rejects(stream.end, code('SQL_CANCELLED'));
  });

  it('a result larger than memory streams', async () => {
    const wide = `${FOREVER} SELECT i, printf('%.*c', 10000, 'x') FROM n LIMIT 40000`;
    const before = process.memoryUsage().rss;
    let bytes = 0;
    const stream = pool.stream(wide, { encoding: 'jsonl', maxRows: 0, timeoutMs: 0 });
    for await (const chunk of stream) bytes += chunk.length;
    assert.ok(bytes > 400e6);
    assert.ok(process.memoryUsage().rss - before < 200e6);
  });

  it('ad-hoc queries leave a thread for the schedule, wait their turn, and are refused at last', async () => {
    const stop = new AbortController();
    const long = () =>
      pool.stream(`${FOREVER} SELECT max(i) FROM n`, { timeoutMs: 0, signal: stop.signal });
    const running = [long(), long(), long()];
    assert.deepEqual((await pool.query('SELECT 2')).rows, [[2n]]);
    await assert.rejects(long().end, code('SQL_BUSY'));
    stop.abort();
    for (const stream of running) await assert.rejects(stream.end, code('SQL_CANCELLED'));
    assert.deepEqual(pool.load, { running: 0, waiting: 0 });
  });

  it('a thread that dies fails its query and is replaced', async () => {
    // Answers SELECT 3, and dies of anything else.
    const source = `
      import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ sql }) => {
        if (sql !== 'SELECT 3') throw new Error('lightning');
        parentPort.postMessage({ kind: 'columns', columns: [] });
        parentPort.postMessage({ kind: 'chunk', chunk: [[3n]] });
        parentPort.postMessage({ kind: 'end', stats: { rows: 1, wallMs: 0, cpu: { userMs: 0, systemMs: 0 }, scan: { blocks: 0, skipped: 0, rows: 0 } }, truncated: false });
      });
      parentPort.postMessage({ kind: 'ready', connection: 0 });`;
    const script = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const mortal = new QueryPool({ path: '', workers: 1, timeoutMs: 0, maxRows: 0, script });
    await assert.rejects(mortal.query('SELECT 1'), code('SQL_WORKER'));
    assert.deepEqual((await mortal.query('SELECT 3')).rows, [[3n]]);
    await mortal.close();
  });

  const wrong: readonly [sql: string, message: RegExp][] = [
    ['SELECT * FROM proces_events', /no such table: proces_events; did you mean process_events\?/],
    ['SELECT * FROM Curl', /no such table: Curl; weir leaves it out: A query must not make/],
    ['SELECT pth FROM process_events', /no such column: pth; did you mean path\?/],
    ['SELECT controlled FROM system_controls', /no such column: controlled$/],
    ['SELECT value FROM system_controls', /did you mean current_value or config_value\?/],
    ['SELECT p.name FROM users p', /no such column: p\.name; did you mean username\?/],
    ["SELECT regex_mach('a', 'b', 0)", /no such function: regex_mach; did you mean regex_match\?/],
    ["SELECT split('a')", /wrong number of arguments to function split\(\); it takes 3$/],
    ['SELECT 1; SELECT 2', /more than one statement/],
    ['', /no statements/],
    ['SELEC 1', /near "SELEC": syntax error/],
    ["ATTACH '/tmp/x' AS x", /not authorized/],
    ['CREATE TABLE x(y)', /not authorized/],
    ['PRAGMA journal_mode = DELETE', /not authorized/],
    ["SELECT load_extension('x')", /not authorized|no such function/],
    ['BEGIN', /not authorized|only queries/],
    ['SELECT * FROM new_process_events', /only inside a scheduled query/],
  ];
  for (const [sql, message] of wrong) {
    it(`refuses ${JSON.stringify(sql)} in one line`, async () => {
      await assert.rejects(pool.query(sql), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return code('SQL_ERROR')(error);
      });
    });
  }

  it('without a store it says so instead of waiting', async () => {
    const none = new QueryPool({
      path: join(scratch, 'none.db'),
      workers: 1,
      timeoutMs: 0,
      maxRows: 0,
    });
    await assert.rejects(none.query('SELECT 1'), code('SQL_WORKER'));
    await none.close();
  });

  it('a store that is no database is named, with what becomes of it', async () => {
    const path = join(scratch, 'broken.db');
    writeFileSync(path, 'no database');
    const broken = new QueryPool({ path, workers: 1, timeoutMs: 0, maxRows: 0 });
    await assert.rejects(broken.query('SELECT 1'), {
      code: 'STORE_CORRUPT',
      message: /broken\.db: file is not a database; a daemon that starts sets it aside/,
    });
    await broken.close();
  });
});
