import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { column, type Row, StoreFixture } from './fixture.ts';

const COLUMNS = [
  'seq', 'eid', 'time', 'ntime', 'pid', 'path', 'cmdline', 'process_id', 'exec_id', 'auid',
  'syscall', 'mtime', 'mode', 'source',
] as const; // biome-ignore format: a list
const PATHS = ['/bin/a', '/bin/A', '/bin/b', '', '5', '05', 'a\u0000b', '/bin/\u{1f600}', null];
const IDS = [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n) + 1n, 1005n, 1006n, null];

/** Rows with repeats, NULLs, the ends of 64 bits, and a clock that jumps back. */
function makeRow(i: number): Row {
  const jump = i % 97 === 0 ? -50_000_000_000n : 0n;
  return {
    time_ns: i % 41 === 0 ? -5n : BigInt(i) * 300_000_000n + jump,
    pid: 1000 + (i % 13),
    path: PATHS[i % PATHS.length] ?? null,
    cmdline: i % 5 === 0 ? null : `run ${i % 17}`,
    process_id: IDS[i % IDS.length] ?? null,
    exec_id: BigInt(i % 29) * 0x1234567n,
    auid: i % 2 === 0 ? 4_294_967_295 : 1000,
    mtime: i % 3 === 0 ? null : BigInt(i),
    mode: 0o100000 + (i % 8),
    source: i < 500 ? 'kernel' : 'proc',
  };
}

const literal = fc.oneof(
  fc.constantFrom(
    'NULL', "'1005'", "'1005abc'", '1005.5', '1005.0', "'1005.5'", '1e300', '-1e300', "''", '5',
    "'5'", "'05'", "'/bin/a'", "'/bin/A'", "'/bin/b'", "x'2f62696e2f61'", '9223372036854775807',
    '-9223372036854775807', '-9223372036854775808', '9223372036854775808', '4294967295', '1000',
    "'kernel'", "'00000000000000000300'", "'0000000000000000030'", "'000000000000000003000'",
    "'99999999999999999999'", "'0000000000000000abc'", "'execve'", '0.5', '-0.5', "'run 3'",
  ), // biome-ignore format: a list
  fc.integer({ min: -10, max: 1020 }).map(String),
  fc.integer({ min: 1, max: 700 }).map((n) => `'${String(n).padStart(20, '0')}'`),
  fc.integer({ min: 0, max: 220 }).map((n) => `${n}000000000`),
);
const name = fc.constantFrom(...COLUMNS);
const term = fc.oneof(
  fc
    .tuple(name, fc.constantFrom('=', '<', '<=', '>', '>=', '<>', 'IS', 'IS NOT'), literal)
    .map(([c, op, v]) => `${c} ${op} ${v}`),
  fc.tuple(name, literal, literal).map(([c, a, b]) => `${c} BETWEEN ${a} AND ${b}`),
  fc
    .tuple(name, fc.constantFrom('IN', 'NOT IN'), fc.array(literal, { minLength: 1, maxLength: 4 }))
    .map(([c, op, vs]) => `${c} ${op} (${vs.join(', ')})`),
  fc.tuple(name, fc.constantFrom("'/bin/%'", "'%1'", "'%a%'")).map(([c, v]) => `${c} LIKE ${v}`),
  fc.tuple(name, name).map(([a, b]) => `${a} = ${b}`),
  fc.tuple(name, name).map(([a, b]) => `${a} IN (SELECT ${b} FROM T WHERE seq % 50 = 0)`),
  fc.tuple(name, literal).map(([c, v]) => `${c} = ${v} COLLATE NOCASE`),
);
const where = fc
  .array(term, { minLength: 1, maxLength: 3 })
  .chain((terms) => fc.constantFrom(' AND ', ' OR ').map((glue) => terms.join(glue)));
const order = fc.constantFrom(
  'seq', 'seq DESC', 'eid', 'eid DESC', 'time, seq', 'time DESC, seq DESC', 'path, seq', 'seq, path',
); // biome-ignore format: a list

describe('store: pushed-down constraints agree with a plain table', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let plain: Database.Database;

  // Merged and single blocks, and rows in memory; then the same rows in an ordinary table.
  before(async () => {
    fixture = new StoreFixture({ flushMs: 60_000 });
    const rows = Array.from({ length: 600 }, (_, i) => makeRow(i));
    for (let i = 0; i < 200; i += 10) {
      fixture.append('process', rows.slice(i, i + 10));
      await fixture.store.flush();
    }
    fixture.append('process', rows.slice(200, 500));
    await fixture.store.flush();
    fixture.append('process', rows.slice(500));
    db = fixture.reader();
    db.defaultSafeIntegers(true);
    plain = new Database(':memory:');
    plain.defaultSafeIntegers(true);
    const columns = db
      .prepare<[], { name: string; type: string }>('PRAGMA table_xinfo(process_events)')
      .all();
    plain.exec(`CREATE TABLE T(${columns.map((c) => `"${c.name}" ${c.type}`).join(', ')})`);
    const names = columns.map((c) => `"${c.name}"`).join(', ');
    const insert = plain.prepare(`INSERT INTO T VALUES (${columns.map(() => '?').join(', ')})`);
    for (const row of db
      .prepare<[], unknown[]>(`SELECT ${names} FROM process_events`)
      .raw()
      .all()) {
      insert.run(...row);
    }
    assert.equal(column(plain, 'SELECT count(*) FROM T')[0], 600n);
  });
  after(async () => {
    plain.close();
    await fixture.dispose();
  });

  const onEvents = (sql: string): unknown[] =>
    db.prepare<[], unknown[]>(sql.replaceAll(/\bT\b/g, 'process_events')).raw().all();
  const onPlain = (sql: string): unknown[] => plain.prepare<[], unknown[]>(sql).raw().all();

  it('for random conditions and orders', () => {
    fc.assert(
      fc.property(where, order, fc.option(fc.nat(20)), (w, o, limit) => {
        const tail = limit === null ? '' : ` LIMIT ${limit} OFFSET ${limit % 3}`;
        const sql = `SELECT seq, path, pid FROM T WHERE ${w} ORDER BY ${o}${tail}`;
        assert.deepEqual(onEvents(sql), onPlain(sql), sql);
      }),
      { numRuns: 3000 },
    );
  });

  it('for random joins, whose inner side is looked up row by row', () => {
    const key = fc.constantFrom('pid', 'exec_id', 'process_id', 'path', 'time', 'seq', 'eid');
    fc.assert(
      fc.property(key, key, where, (a, b, w) => {
        const filter = w
          .replaceAll(/\b(T)\b/g, '$1')
          .replaceAll(
            new RegExp(`\\b(${COLUMNS.join('|')})\\b(?![^']*'(?:[^']*'[^']*')*[^']*$)`, 'g'),
            'o.$1',
          );
        const narrowed = filter.includes('SELECT') ? 'o.pid = 1003' : filter;
        const sql = `SELECT count(*), sum(i.seq % 1000), min(i.eid) FROM T o JOIN T i ON i.${a} = o.${b} WHERE (${narrowed}) AND o.seq % 7 = 0`;
        assert.deepEqual(onEvents(sql), onPlain(sql), sql);
      }),
      { numRuns: 300 },
    );
  });

  it('for grouping, distinct and aggregates', () => {
    for (const sql of [
      'SELECT pid, count(*) FROM T GROUP BY pid ORDER BY pid',
      'SELECT DISTINCT path FROM T ORDER BY path',
      'SELECT min(seq), max(seq), min(time), max(eid), count(cmdline) FROM T',
      'SELECT seq, count(*) FROM T GROUP BY seq ORDER BY seq DESC LIMIT 5',
      'SELECT DISTINCT seq FROM T ORDER BY seq DESC LIMIT 5',
    ]) {
      assert.deepEqual(onEvents(sql), onPlain(sql), sql);
    }
  });

  it('and says in words what was pushed down', () => {
    const sql =
      "EXPLAIN QUERY PLAN SELECT 1 FROM process_events WHERE path = 'x' AND time > 5 AND pid IN (1, 2) ORDER BY seq DESC";
    const detail = db.prepare<[], { detail: string }>(sql).get()?.detail;
    assert.match(detail ?? '', /path = \?/);
    assert.match(detail ?? '', /time > \?/);
    assert.match(detail ?? '', /pid in \?/);
    assert.match(detail ?? '', /newest first/);
  });
});
