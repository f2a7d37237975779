import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { useOwnDatabases } from '../../../src/tables/host/own-databases.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';
import { WEIR } from '../../helpers/weir-daemon.ts';
import { ask, makeDatabase, VISITS } from './databases.ts';

const NOBODY = 65534;

describe('tables: of other SQLite files', () => {
  const root = makeScratch();
  const at = (name: string): string => join(root, name);
  chmodSync(root, 0o755);

  const make = (name: string, ...statements: string[]): string =>
    makeDatabase(at(name), ...statements);

  after(() => {
    useOwnDatabases([]);
    removeScratch(root);
  });

  it('every value is text, NULL stays NULL, a blob is its bytes', () => {
    const path = make('history', ...VISITS);
    const query = 'SELECT id, url, seen, icon, at AS "At" FROM visits ORDER BY id;';
    const { rows, warnings } = ask(path, query, ['id', 'url', 'seen', 'icon', 'at']);
    assert.deepEqual(warnings, []);
    const sql = 'SELECT hex(icon) AS icon FROM made WHERE id = 1';
    assert.deepEqual(ask(path, query, ['id', 'icon'], sql).rows, [{ icon: '00FF' }]);
    if (rows[0] !== undefined) rows[0].icon = 'bytes'; // which no text compares with
    assert.deepEqual(rows, [
      {
        path,
        id: '1',
        url: 'https://a.example/',
        seen: '1.5',
        icon: 'bytes',
        at: '9223372036854775807',
      },
      { path, id: '2', url: 'https://b.example/\nx', seen: null, icon: null, at: '-1' },
    ]);
  });

  it('more rows than one read gives, each once', () => {
    const path = make(
      'many',
      `CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20011)
        SELECT i, printf('%.*c', i % 90, 'x') AS x FROM n`,
    );
    const sql = 'SELECT count(*) AS n, sum(i) AS sum, sum(length(x)) AS size FROM made';
    const { rows } = ask(path, 'SELECT i, x FROM t', ['i', 'x'], sql);
    const db = new Database(path);
    const own = db.prepare('SELECT count(*) AS n, sum(i) AS sum, sum(length(x)) AS size FROM t');
    assert.deepEqual({ ...rows[0], sum: Number(rows[0]?.sum) }, own.get());
    db.close();
    assert.equal(
      ask(path, 'SELECT i, x FROM t', ['i'], 'SELECT i FROM made LIMIT 1').rows.length,
      1,
    );
  });

  it('a pattern means several files; path narrows them; what lies beside them is none', () => {
    mkdirSync(at('profiles/a'), { recursive: true });
    mkdirSync(at('profiles/b'), { recursive: true });
    make('profiles/a/db', ...VISITS);
    make('profiles/b/db', ...VISITS);
    writeFileSync(at('profiles/b/db-journal'), '');
    const pattern = at('profiles/%/db%');
    const query = 'SELECT id FROM visits';
    const paths = (sql: string) => ask(pattern, query, ['id'], sql);
    const all = paths('SELECT DISTINCT path FROM made ORDER BY path');
    assert.deepEqual(all, {
      rows: [{ path: at('profiles/a/db') }, { path: at('profiles/b/db') }],
      warnings: [],
    });
    const one = paths(`SELECT path, id FROM made WHERE path = '${at('profiles/b/db')}'`);
    assert.equal(one.rows.length, 2);
    assert.deepEqual(paths("SELECT * FROM made WHERE path = '/etc/passwd'").rows, []);
    assert.equal(ask(at('profiles/*/db'), query, ['id']).rows.length, 4);
  });

  it('what another program has in its log counts, and nothing is written beside the file', () => {
    const path = at('live');
    const db = new Database(path);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t(x)');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.exec("INSERT INTO t VALUES ('in the log')");
    const open = db.prepare('SELECT x FROM t').iterate();
    open.next(); // a reader that keeps the log as it is
    const before = readFileSync(path);
    assert.deepEqual(ask(path, 'SELECT x FROM t', ['x']), {
      rows: [{ path, x: 'in the log' }],
      warnings: [],
    });
    open.return?.();
    db.exec("INSERT INTO t VALUES ('later')"); // its locks are still there
    db.close();
    assert.deepEqual(readFileSync(path).subarray(0, 16), before.subarray(0, 16));
    // Alone, a file that had a log is read as it lies there.
    assert.equal(ask(path, 'SELECT x FROM t', ['x']).rows.length, 2);
    assert.throws(() => statSync(`${path}-shm`), { code: 'ENOENT' });
    assert.throws(() => statSync(`${path}-wal`), { code: 'ENOENT' });
  });

  it('a program that has its database locked is not disturbed, nor waited for', () => {
    const path = make('locked', ...VISITS);
    const db = new Database(path);
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    assert.equal(ask(path, 'SELECT id FROM visits', ['id']).rows.length, 2);
    db.exec("UPDATE visits SET url = ''; COMMIT");
    db.close();
  });

  it('a broken file is a warning with its name, and the others are read', () => {
    mkdirSync(at('broken'));
    make('broken/a', ...VISITS);
    writeFileSync(at('broken/b'), 'no database at all, but long enough to look at, as one does');
    copyFileSync(at('many'), at('broken/c'));
    truncateSync(at('broken/c'), 9000);
    const page = readFileSync(at('many'));
    page.fill(0x5a, 4096, 8192);
    writeFileSync(at('broken/d'), page);
    writeFileSync(at('broken/e'), '');
    make('broken/f', ...VISITS);
    const { rows, warnings } = ask(at('broken/%'), 'SELECT id FROM visits', ['id']);
    assert.deepEqual([...new Set(rows.map(({ path }) => path))], [at('broken/a'), at('broken/f')]);
    const text = warnings.join('\n');
    for (const name of ['b', 'c', 'd', 'e'])
      assert.match(text, new RegExp(`made: .*broken/${name}: `));
    assert.match(text, /broken\/b: file is not a database/);
    assert.match(text, /broken\/e: no such table: visits/);
  });

  it('a torn log is no reason to fail', () => {
    const path = at('torn');
    const db = new Database(path);
    db.pragma('journal_mode = WAL');
    db.exec("CREATE TABLE t(x); INSERT INTO t VALUES ('whole')");
    copyFileSync(path, at('torn2'));
    copyFileSync(`${path}-wal`, at('torn2-wal'));
    db.close();
    appendFileSync(at('torn2-wal'), Buffer.alloc(5000, 7));
    assert.deepEqual(ask(at('torn2'), 'SELECT x FROM t', ['x']).rows, [
      { path: at('torn2'), x: 'whole' },
    ]);
  });

  it('a pipe, a folder and a device are no databases, and are not waited for', () => {
    mkdirSync(at('odd'));
    execFileSync('mkfifo', [at('odd/pipe')]);
    mkdirSync(at('odd/folder'));
    symlinkSync('/dev/zero', at('odd/zero'));
    for (const path of [at('odd/%'), at('odd/pipe'), at('odd/folder'), at('none')]) {
      assert.deepEqual(ask(path, 'SELECT 1 AS x', ['x']).rows, [], path);
    }
  });

  it('whoever owns a folder leads nobody to what they may not read', function () {
    if (process.geteuid?.() !== 0) this.skip();
    const secret = make('secret', ...VISITS);
    chmodSync(secret, 0o600);
    mkdirSync(at('home'));
    chownSync(at('home'), NOBODY, NOBODY);
    const home = make('home/own', ...VISITS);
    chownSync(home, NOBODY, NOBODY);
    symlinkSync(secret, at('home/link'));
    linkSync(secret, at('home/hard'));
    symlinkSync(root, at('home/back'));
    const query = 'SELECT id FROM visits';
    assert.equal(ask(home, query, ['id']).rows.length, 2);
    const config = at('weir.json');
    const made = { path: home, query, columns: ['id'] };
    writeFileSync(config, JSON.stringify({ state_dir: root, auto_table_construction: { made } }));
    const words = ['query', '--config', config, '--list', 'SELECT count(*) AS n FROM made'];
    const { stdout, stderr } = spawnSync(process.execPath, [WEIR, ...words], { encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['n\n2\n', '']); // nor does Node complain
    for (const name of ['link', 'hard', 'back/secret']) {
      const { rows, warnings } = ask(at(`home/${name}`), query, ['id']);
      assert.deepEqual(rows, [], name);
      assert.match(warnings.join(), /EACCES/, name);
    }
  });

  it('the daemon’s own databases are not opened', () => {
    const path = make('own.db', ...VISITS);
    useOwnDatabases([path]);
    symlinkSync(path, at('own-link'));
    try {
      for (const name of [path, at('own-link')]) {
        const { rows, warnings } = ask(name, 'SELECT id FROM visits', ['id']);
        assert.deepEqual(rows, []);
        assert.match(warnings.join(), /EBUSY/);
      }
    } finally {
      useOwnDatabases([]);
    }
  });
});
