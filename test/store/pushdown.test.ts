import assert from 'node:assert/strict';
import type Database from 'better-sqlite3';
import fc from 'fast-check';
import { native } from '../../src/native/addon.ts';
import { column, type Row, StoreFixture, value } from './fixture.ts';

const COLUMNS = [
  'seq', 'eid', 'time', 'ntime', 'pid', 'path', 'cmdline', 'process_id', 'exec_id', 'auid',
  'syscall', 'mtime', 'mode', 'source', 'filename', 'ctime', 'username',
] as const; // biome-ignore format: a list
const OLD_ROUNDS = 40;
const BROKEN = Buffer.from([0x2f, 0xff, 0x41, 0xc3]);
const OVERLONG = Buffer.from([0x2f, 0xc1, 0xa1, 0x42, 0xf0, 0x9f]);
const PATHS = [
  '/bin/a', '/bin/A', '/bin/b', '', '5', '05', 'a\u0000b', '/bin/\u{1f600}', null, BROKEN, OVERLONG,
  '100%_\\',
]; // biome-ignore format: a list
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
    // Enough values for a filter in a block of some size; no other row has the same.
    filename: i % 4 === 0 ? null : `file ${i}`,
    inode: BigInt(i) * 77n,
    ctime: null,
  };
}

const literal = fc.oneof(
  fc.constantFrom(
    'NULL', "'1005'", "'1005abc'", '1005.5', '1005.0', "'1005.5'", '1e300', '-1e300', "''", '5',
    "'5'", "'05'", "'/bin/a'", "'/bin/A'", "'/bin/b'", "x'2f62696e2f61'", '9223372036854775807',
    '-9223372036854775807', '-9223372036854775808', '9223372036854775808', '4294967295', '1000',
    "'kernel'", "'00000000000000000300'", "'0000000000000000030'", "'000000000000000003000'",
    "'file 301'", "'file 77'", "'file 599'", "'file x'", '3e2', '9007199254740993', '9.3e18',
    "'99999999999999999999'", "'0000000000000000abc'", "'execve'", '0.5', '-0.5', "'run 3'",
  ), // biome-ignore format: a list
  fc.integer({ min: -10, max: 1020 }).map(String),
  fc.integer({ min: 1, max: 700 }).map((n) => `'${String(n).padStart(20, '0')}'`),
  fc.integer({ min: 0, max: 220 }).map((n) => `${n}000000000`),
);
const name = fc.constantFrom(...COLUMNS);
const like = fc.constantFrom(
  "'/bin/%'", "'%1'", "'%a%'", "'%A%'", "'%\u{1f600}'", "'_bin_a'", "'%BIN/_%'", "''", "'%'", "'5'", '5',
  'NULL', "'%\\%%'", "'100%'", "'%_\\\\'", "'file 3_1'", "x'2525'", "'%\ufffd%'", "'FILE%'",
); // biome-ignore format: a list
const regexp = fc.constantFrom(
  "'^/bin/'", "'a'", "'(?i)A$'", "''", "'^$'", "'^.5?$'", "'[^/]b'", "'\\x00'", "'^/.A'", "'\u{1f600}'",
  "'(?i)^FILE 3.1$'", "'[0-9]{3}'", "'^100%'", 'NULL', '5', "x'2f62'", "'kern|proc'", 'source',
); // biome-ignore format: a list
const term = fc.oneof(
  fc
    .tuple(name, fc.constantFrom('=', '<', '<=', '>', '>=', '<>', 'IS', 'IS NOT'), literal)
    .map(([c, op, v]) => `${c} ${op} ${v}`),
  fc.tuple(name, literal, literal).map(([c, a, b]) => `${c} BETWEEN ${a} AND ${b}`),
  fc
    .tuple(name, fc.constantFrom('IN', 'NOT IN'), fc.array(literal, { minLength: 1, maxLength: 4 }))
    .map(([c, op, vs]) => `${c} ${op} (${vs.join(', ')})`),
  fc.tuple(name, fc.constantFrom('LIKE', 'NOT LIKE'), like).map(([c, op, v]) => `${c} ${op} ${v}`),
  fc.tuple(name, like).map(([c, v]) => `${c} LIKE ${v} ESCAPE '\\'`),
  fc
    .tuple(
      name,
      fc.constantFrom("'/bin/*'", "'*[aA]'", "'*'", "'[^/]*'", "'?5'", "'file 3?1'", 'NULL'),
    )
    .map(([c, v]) => `${c} GLOB ${v}`),
  fc
    .tuple(name, fc.constantFrom('REGEXP', 'NOT REGEXP'), regexp)
    .map(([c, op, v]) => `${c} ${op} ${v}`),
  fc.tuple(name, regexp).map(([c, v]) => `regex_match(${c}, ${v}, 0) IS NOT NULL`),
  fc.tuple(name, fc.constantFrom('IS NULL', 'IS NOT NULL')).map(([c, op]) => `${c} ${op}`),
  fc.tuple(name, name).map(([a, b]) => `${a} <> ${b}`),
  fc.tuple(name, name).map(([a, b]) => `${a} = ${b}`),
  fc.tuple(name, name).map(([a, b]) => `${a} IN (SELECT ${b} FROM T WHERE seq % 50 = 0)`),
  fc.tuple(name, literal).map(([c, v]) => `${c} = ${v} COLLATE NOCASE`),
);
const where = fc
  .array(term, { minLength: 1, maxLength: 3 })
  .chain((terms) => fc.constantFrom(' AND ', ' OR ').map((glue) => terms.join(glue)));
const order = fc.constantFrom(
  'seq', 'seq DESC', 'eid', 'eid DESC', 'time, seq', 'time DESC, seq DESC', 'path, seq', 'seq, path',
  'ntime, seq', 'ntime DESC, eid DESC', 'time, eid', 'time, seq DESC', 'ntime DESC, seq',
); // biome-ignore format: a list

describe('store: pushed-down constraints agree with a plain table', () => {
  let fixture: StoreFixture;
  let db: Database.Database;
  let connection: number;

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
    connection = native.connections.last();
    db.defaultSafeIntegers(true);
    const columns = db
      .prepare<[], { name: string; type: string }>('PRAGMA table_xinfo(process_events)')
      .all();
    // Copied inside SQLite: broken UTF-8 does not survive JavaScript.
    const names = columns.map((c) => `"${c.name}"`).join(', ');
    db.exec(`CREATE TEMP TABLE plain(${columns.map((c) => `"${c.name}" ${c.type}`).join(', ')});
      INSERT INTO plain SELECT ${names} FROM process_events`);
    assert.equal(column(db, 'SELECT count(*) FROM plain')[0], 600n);
  });
  after(async () => {
    await fixture.dispose();
  });

  const on = (table: string, sql: string): unknown[] =>
    db.prepare<[], unknown[]>(sql.replaceAll(/\bT\b/g, table)).raw().all();
  const agree = (sql: string): void =>
    assert.deepEqual(on('process_events', sql), on('plain', sql), sql);

  it('for random conditions and orders', () => {
    fc.assert(
      fc.property(where, order, fc.option(fc.nat(20)), (w, o, limit) => {
        const tail = limit === null ? '' : ` LIMIT ${limit} OFFSET ${limit % 3}`;
        const sql = `SELECT seq, hex(path), pid FROM T WHERE ${w} ORDER BY ${o}${tail}`;
        agree(sql);
      }),
      { numRuns: 5000 },
    );
  });

  it('while LIKE is case-sensitive', () => {
    db.pragma('case_sensitive_like = on');
    try {
      fc.assert(
        fc.property(where, (w) => agree(`SELECT seq FROM T WHERE ${w} ORDER BY seq`)),
        { numRuns: 1000 },
      );
    } finally {
      db.pragma('case_sensitive_like = off');
    }
  });

  it('for readers whose snapshot is older than a flush', async () => {
    const own = new StoreFixture({ flushMs: 60_000 });
    try {
      const [old, fresh] = [own.reader(), own.reader()];
      const names = column(fresh, "SELECT name FROM pragma_table_xinfo('process_events')");
      const list = names.map((each) => `"${each}"`).join(', ');
      fresh.exec(`CREATE TEMP TABLE plain AS SELECT ${list} FROM process_events`);
      const asked = (db: Database.Database, sql: string): unknown[] =>
        db.prepare<[], unknown[]>(sql).raw().all();
      for (let round = 0; round < OLD_ROUNDS; round++) {
        old.exec('BEGIN');
        const before = value(old, 'SELECT max(id) FROM weir_store_block');
        const rows = Array.from({ length: 24 }, (_, i) => makeRow(round * 24 + i));
        own.append('process', rows.slice(0, 16));
        await own.store.flush();
        own.append('process', rows.slice(16));
        fresh.exec(`INSERT INTO plain SELECT ${list} FROM process_events
          WHERE seq > (SELECT coalesce(max(seq), 0) FROM plain)`);
        fc.assert(
          fc.property(where, order, (w, o) => {
            const sql = `SELECT seq, hex(path), quote(process_id), pid FROM T WHERE ${w} ORDER BY ${o}`;
            const [shown, wanted] = ['process_events', 'plain'].map((t) =>
              sql.replaceAll(/\bT\b/g, t),
            );
            assert.deepEqual(asked(old, shown as string), asked(fresh, wanted as string), sql);
          }),
          { numRuns: 40 },
        );
        assert.equal(value(old, 'SELECT max(id) FROM weir_store_block'), before, 'a new snapshot');
        old.exec('COMMIT');
      }
      assert.equal(value(fresh, 'SELECT count(*) FROM plain'), OLD_ROUNDS * 24);
    } finally {
      await own.dispose();
    }
  });

  it('for grouping, distinct and orders of one column', () => {
    const collate = fc.constantFrom('', '', ' COLLATE NOCASE');
    const kind = fc.constantFrom<(c: string, w: string, collation: string) => string>(
      (c, w) => `SELECT quote(${c}), count(*), count(${c}) FROM T WHERE ${w} GROUP BY ${c}`,
      (c, w) => `SELECT quote(c) FROM (SELECT DISTINCT ${c} AS c FROM T WHERE ${w})`,
      (c, w, n) => `SELECT count(*) FROM T WHERE ${w} GROUP BY ${c}${n}`,
      (c, w) => `SELECT quote(${c}), max(pid), count(*) FROM T WHERE ${w} GROUP BY ${c}`,
      (c, w) => `SELECT quote(${c}), count(*) FROM T WHERE ${w} GROUP BY ${c} ORDER BY ${c} DESC`,
      (c, w) => `SELECT count(DISTINCT ${c}) FROM T WHERE ${w}`,
      (c) => `SELECT quote(${c}), count(*) FROM T GROUP BY ${c}`,
      (c, _, n) =>
        `SELECT upper(quote(${c})), count(*) FROM T GROUP BY ${c}${n} HAVING count(*) > 1`,
      (c) => `SELECT count(*) FROM (SELECT DISTINCT ${c} FROM T)`,
      (c) => `SELECT quote(${c}) FROM T ORDER BY ${c}`,
      (c) => `SELECT DISTINCT quote(${c}) FROM T ORDER BY 1`,
    );
    const sorted = (rows: unknown[]): string[] => rows.map((row) => String(row)).sort();
    fc.assert(
      fc.property(kind, name, where, collate, (make, c, w, n) => {
        const sql = make(c, w, n);
        assert.deepEqual(sorted(on('process_events', sql)), sorted(on('plain', sql)), sql);
      }),
      { numRuns: 1500 },
    );
  });

  it('for rowids of grouped rows', () => {
    agree('SELECT pid, max(rowid), count(*) FROM T GROUP BY pid ORDER BY 2');
    agree('SELECT path IS NULL, min(rowid) FROM T GROUP BY path ORDER BY 2');
  });

  it('for left joins, whose conditions may let NULL through', () => {
    fc.assert(
      fc.property(
        name,
        fc.constantFrom('IS', 'IS NOT', '=', '<>'),
        literal,
        fc.constantFrom('ON', 'WHERE'),
        (c, op, v, place) => {
          const glue = place === 'ON' ? 'AND' : 'WHERE';
          agree(
            `SELECT o.seq, i.seq FROM T o LEFT JOIN T i ON i.seq = o.seq + 590 ${glue} i.${c} ${op} ${v} ORDER BY 1, 2`,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('passes over blocks that lack a value, unread', () => {
    const seen = (sql: string): readonly number[] => {
      const before = native.connections.stats(connection);
      agree(sql);
      const after = native.connections.stats(connection);
      return [after.blocks - before.blocks, after.skipped - before.skipped];
    };
    const [blocks] = seen('SELECT count(*) FROM T');
    assert.ok(blocks !== undefined && blocks > 2);
    const big = value(db, 'SELECT count(*) FROM main.weir_store_block WHERE rows >= 160');
    for (const c of [
      "filename = 'nowhere'",
      "filename IN ('nowhere', 'elsewhere')",
      'ctime IS NOT NULL',
    ]) {
      const [met, skipped] = seen(`SELECT seq FROM T WHERE ${c}`);
      assert.equal(met, blocks);
      assert.ok(skipped !== undefined && skipped >= Number(big), `${c}: ${skipped} of ${met}`);
    }
    assert.ok(Number(big) >= 2);
  });

  it('for random joins, whose inner side is looked up row by row', () => {
    const key = fc.constantFrom('pid', 'exec_id', 'process_id', 'path', 'time', 'seq', 'eid');
    // Numbers as text, as blobs, as reals near and beyond the ends: SQLite does not check again.
    const value = fc.oneof(
      key.map((k) => `o.${k}`),
      key.map((k) => `CAST(o.${k} AS TEXT)`),
      key.map((k) => `CAST(o.${k} AS REAL)`),
      key.map((k) => `CAST(o.${k} AS BLOB)`),
      fc.tuple(key, literal).map(([k, v]) => `iif(o.seq % 3, o.${k}, ${v})`),
      fc.tuple(literal, literal).map(([v, w]) => `iif(o.seq % 2, ${v}, ${w})`),
    );
    const more = fc.oneof(
      fc.constant(''),
      fc
        .tuple(key, fc.constantFrom('=', '<', 'IS', '<>'), literal)
        .map(([k, op, v]) => ` AND i.${k} ${op} ${v}`),
      fc.tuple(key, value).map(([k, v]) => ` AND i.${k} = ${v}`),
    );
    const kind = fc.constantFrom('JOIN', 'LEFT JOIN', 'RIGHT JOIN');
    const tail = fc.constantFrom(
      (from: string) => `SELECT count(*), sum(i.seq % 1000), min(i.eid) ${from}`,
      (from: string) => `SELECT o.seq, i.seq ${from} ORDER BY o.seq, i.seq DESC LIMIT 200`,
      (from: string) => `SELECT i.path, count(*), max(o.seq) ${from} GROUP BY 1 ORDER BY 1`,
      (from: string) => `SELECT i.seq, o.seq ${from} ORDER BY i.time DESC, i.seq DESC, 2 LIMIT 50`,
    );
    fc.assert(
      fc.property(key, value, more, kind, where, tail, (a, b, m, k, w, make) => {
        const filter = w
          .replaceAll(/\b(T)\b/g, '$1')
          .replaceAll(
            new RegExp(`\\b(${COLUMNS.join('|')})\\b(?![^']*'(?:[^']*'[^']*')*[^']*$)`, 'g'),
            'o.$1',
          );
        const narrowed = filter.includes('SELECT') ? 'o.pid = 1003' : filter;
        agree(make(`FROM T o ${k} T i ON i.${a} = ${b}${m} WHERE (${narrowed}) AND o.seq % 7 = 0`));
      }),
      { numRuns: 1000 },
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
      agree(sql);
    }
  });

  it('and says in words what was pushed down', () => {
    const plan = (query: string): string =>
      db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`).get()?.detail ?? '';
    assert.match(
      plan("SELECT 1 FROM process_events WHERE path LIKE '%x' AND cwd IS NOT NULL ORDER BY ntime"),
      /cwd is not null and path like \?, by ntime, oldest first$/,
    );
    assert.match(
      plan("SELECT 1 FROM process_events WHERE cmdline REGEXP '^sed' AND path GLOB '*x'"),
      /path glob \? and cmdline regexp \?, oldest first$/,
    );
    assert.match(plan('SELECT pid, count(*) FROM process_events GROUP BY pid'), /grouped by pid$/);
    assert.match(plan('SELECT DISTINCT path FROM process_events'), /distinct path$/);
    assert.match(plan('SELECT 1 FROM process_events ORDER BY time DESC'), /by time, newest first$/);
    const sql =
      "EXPLAIN QUERY PLAN SELECT 1 FROM process_events WHERE path = 'x' AND time > 5 AND pid IN (1, 2) ORDER BY seq DESC";
    const detail = db.prepare<[], { detail: string }>(sql).get()?.detail;
    assert.match(detail ?? '', /path = \?/);
    assert.match(detail ?? '', /time > \?/);
    assert.match(detail ?? '', /pid in \?/);
    assert.match(detail ?? '', /newest first/);
  });
});
