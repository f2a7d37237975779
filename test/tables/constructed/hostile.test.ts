import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { checkDocument } from '../../../src/config/document.ts';
import { EventStore } from '../../../src/daemon/event-store.ts';
import { native } from '../../../src/native/addon.ts';
import { QueryPool } from '../../../src/sql/pool.ts';
import { allTables, useTables } from '../../../src/tables/all.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';
import { ask, makeDatabase, VISITS } from './databases.ts';

describe('tables: of other SQLite files, made to harm', () => {
  const root = makeScratch();
  const at = (name: string): string => join(root, name);
  const make = (name: string, ...statements: readonly string[]): string =>
    makeDatabase(at(name), ...statements);

  after(() => {
    useTables({ tables: {}, auto_table_construction: {} });
    removeScratch(root);
  });

  const refused: readonly [string, readonly string[], RegExp][] = [
    [
      'a view that calls what a schema must not',
      ["CREATE VIEW v AS SELECT load_extension('/tmp/x') AS x"],
      /unsafe use of load_extension|not authorized|no such function/,
    ],
    [
      'tables of weir in a view',
      ['CREATE VIEW v AS SELECT path AS x FROM processes'],
      /no such table/,
    ],
    ['a function of weir', ["CREATE VIEW v AS SELECT sha256('x') AS x"], /no such function/],
    [
      'a virtual table',
      ['CREATE VIRTUAL TABLE v USING fts5(x)', "INSERT INTO v VALUES ('y')"],
      /no such module/,
    ],
    ['a value without measure', ['CREATE VIEW v AS SELECT hex(zeroblob(600000)) AS x'], /too big/],
    [
      'a view of itself',
      [
        'CREATE VIEW w AS SELECT 1 AS x',
        'CREATE VIEW v AS SELECT x FROM w',
        'DROP VIEW w',
        'CREATE VIEW w AS SELECT x FROM v',
      ],
      /circularly/,
    ],
    [
      'a schema that is not SQL',
      [
        'CREATE TABLE v(x)',
        'PRAGMA writable_schema = ON',
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE v(x' || char(0) || ' DEFAULT (SELECT 1))'",
      ],
      /malformed|syntax error|not a database/,
    ],
  ];

  for (const [i, [name, statements, expected]] of refused.entries()) {
    it(name, () => {
      const path = make(`evil${i}`, ...statements);
      const { rows, warnings } = ask(path, 'SELECT x FROM v', ['x']);
      assert.deepEqual(rows, []);
      assert.match(warnings.join(), expected);
    });
  }

  it('bytes that changed, in the file or its log, never end more than its rows', () => {
    const path = at('changed');
    const writer = new Database(path);
    writer.pragma('journal_mode = WAL');
    writer.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX i ON t(x);
      CREATE VIEW v AS SELECT id, x FROM t WHERE x > '' ORDER BY x`);
    writer.pragma('wal_checkpoint(TRUNCATE)');
    writer.exec(`INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300)
      SELECT i, hex(randomblob(40)) FROM n`);
    const [file, log] = [path, `${path}-wal`].map((name) => readFileSync(name)) as [Buffer, Buffer];
    writer.close();
    const change = fc.record({ inLog: fc.boolean(), at: fc.nat(), byte: fc.nat(255) });
    let whole = 0;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const [a, b] = [Buffer.from(file), Buffer.from(log)];
        for (const { inLog, at: place, byte } of changes) {
          const bytes = inLog ? b : a;
          bytes[place % bytes.length] = byte;
        }
        writeFileSync(path, a);
        writeFileSync(`${path}-wal`, b);
        const { rows, warnings } = ask(path, 'SELECT id, x FROM v', ['id', 'x']);
        if (rows.length === 300) whole++;
        assert.ok(rows.length <= 1000 && warnings.length <= 1, warnings.join());
      }),
      { numRuns: 100 },
    );
    assert.ok(whole > 0);
  });

  it('a query that writes, attaches, or is none', () => {
    const path = make('plain', ...VISITS);
    const before = readFileSync(path);
    for (const query of [
      'DELETE FROM visits RETURNING id',
      `ATTACH '${at('other')}' AS other`,
      'PRAGMA journal_mode = DELETE',
      'VACUUM',
      ' -- nothing',
      "SELECT readfile('/etc/shadow') AS id",
    ]) {
      const { rows, warnings } = ask(path, query, ['id']);
      assert.deepEqual(rows, [], query);
      assert.ok(warnings.length === 1, query);
    }
    assert.deepEqual(readFileSync(path), before);
    // Of several statements the first one counts, as in osquery.
    assert.equal(ask(path, 'SELECT id FROM visits; DELETE FROM visits', ['id']).rows.length, 2);
  });

  it('work without end stops with the query, at its deadline or when it is cancelled', async () => {
    make(
      'endless',
      `CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT max(i) AS x FROM n`,
      `CREATE VIEW sorted AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT hex(randomblob(2000)) AS x FROM n ORDER BY x`,
    );
    const defaults = checkDocument('{}').value;
    assert.ok(defaults);
    const construction = { path: at('endless'), columns: ['x'] };
    useTables({
      tables: {},
      auto_table_construction: {
        endless: { ...construction, query: 'SELECT x FROM v' },
        sorted: { ...construction, query: 'SELECT x FROM sorted' },
        elsewhere: { ...construction, query: 'SELECT x FROM v', platform: 'darwin' },
        Processes: { ...construction, query: 'SELECT x FROM v' },
        socket_events: { ...construction, query: 'SELECT x FROM v' },
      },
    });
    assert.deepEqual(allTables().problems, [
      'auto_table_construction: there is a table Processes already',
      'auto_table_construction: there is a table socket_events already',
    ]);
    const store = new EventStore({ ...defaults, state_dir: root });
    const pool = new QueryPool({ path: store.path, workers: 1, timeoutMs: 300, maxRows: 10 });
    try {
      await pool.warm();
      const registry = "SELECT name FROM osquery_registry WHERE name IN ('endless', 'elsewhere')";
      assert.deepEqual((await pool.query(registry)).rows, [['endless']]);
      await assert.rejects(pool.query('SELECT * FROM endless'), { code: 'SQL_TIMEOUT' });
      const stream = pool.stream('SELECT * FROM endless', { timeoutMs: 60_000 });
      await stream.columns;
      stream.cancel();
      await assert.rejects(stream.end, { code: 'SQL_CANCELLED' });
      // A sorter's files are bounded like those of the query itself.
      native.connections.limitTemporaryFiles(4 << 20);
      const { rows, warnings } = await pool.query('SELECT * FROM sorted', { timeoutMs: 60_000 });
      assert.deepEqual(rows, []);
      assert.match(warnings.join(), /more than query.max_temporary_bytes/);
      await assert.rejects(pool.query('SELECT * FROM elsewhere'), /no such table/);
    } finally {
      native.connections.limitTemporaryFiles(1 << 30);
      await pool.close();
      await store.close();
    }
  });
});
