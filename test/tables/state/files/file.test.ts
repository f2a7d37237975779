import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: file', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/a/one.conf': 'x',
      '/a/two.conf': 'xy',
      '/a/.hidden': '',
      '/a/b/deep.conf': '',
      '/a/b/c/deeper': '',
      '/a/b/circle': { link: '..' },
      '/a/link': { link: 'one.conf' },
      '/a/broken': { link: 'nothing' },
      '/odd/new\nline': '',
      '/odd/per%cent': '',
      '/odd/under_score': '',
      '/odd/x[y]*': '',
      '/proc/1/stat': '',
      '/sys/kernel/x': '',
    });
    writeFileSync(Buffer.from(`${root}/odd/\xff\xfe`, 'latin1'), 'bytes');
    mkdirSync(join(root, 'a/empty'));
    chmodSync(join(root, 'a/one.conf'), 0o4751);
    set = openTables(findStateTables('files'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  const paths = (where: string, ...values: unknown[]): unknown[] =>
    set
      .all(`SELECT path FROM file WHERE ${where}`, ...values)
      .map(({ path }) => path)
      .sort();

  it('% is one level, %% at the end is all below, links are shown and not followed', () => {
    assert.deepEqual(paths("path LIKE '/a/%.conf'"), ['/a/one.conf', '/a/two.conf']);
    assert.deepEqual(paths("path LIKE '/a/%/deep%'"), ['/a/b/deep.conf']);
    assert.deepEqual(paths("path LIKE '/a/b/%%'"), [
      '/a/b/c',
      '/a/b/c/deeper',
      '/a/b/circle',
      '/a/b/deep.conf',
    ]);
    assert.deepEqual(paths("path LIKE '/a/b%%'").length, 6);
    assert.deepEqual(paths("path LIKE '/%/b/deep.conf'"), ['/a/b/deep.conf']);
    assert.deepEqual(paths("path LIKE '/a/%%/deeper'"), [], 'in the middle it is one level');
    assert.ok(paths("path LIKE '/a/%'").includes('/a/.hidden'));
    assert.deepEqual(paths("path LIKE '/a/%/'"), ['/a/b/', '/a/empty/']);
    assert.deepEqual(paths("path LIKE 'a/%'"), []);
  });

  it('a link may stand for a folder inside a pattern', () => {
    assert.deepEqual(paths("path LIKE '/a/b/circle/%.conf'").length, 2);
    assert.deepEqual(paths("path LIKE '/a/b/c%/one.conf'"), ['/a/b/circle/one.conf']);
  });

  it('%% from / leaves out what the kernel makes up, and says so', () => {
    const all = paths("path LIKE '/%%'");
    assert.ok(all.includes('/proc') && !all.includes('/proc/1'));
    assert.ok(all.includes('/a/b/c/deeper'));
    assert.equal(set.warnings().length, 2);
    assert.deepEqual(paths("path LIKE '/proc/%%'"), ['/proc/1', '/proc/1/stat']);
  });

  it('GLOB', () => {
    assert.deepEqual(paths("path GLOB '/a/*.conf'"), ['/a/one.conf', '/a/two.conf']);
    assert.deepEqual(paths("path GLOB '/a/[o]ne.con?'"), ['/a/one.conf']);
  });

  it('by name: =, IN, a join, and folders', () => {
    assert.deepEqual(paths("path = '/a/one.conf'"), ['/a/one.conf']);
    assert.deepEqual(paths("path IN ('/a/one.conf', '/nothing', '/a/b/../two.conf')"), [
      '/a/b/../two.conf',
      '/a/one.conf',
    ]);
    assert.deepEqual(paths("directory = '/a/b'"), ['/a/b/c', '/a/b/circle', '/a/b/deep.conf']);
    assert.deepEqual(paths("directory = '/a/b/'").at(-1), '/a/b/deep.conf');
    assert.deepEqual(paths("directory LIKE '/a/%'"), ['/a/b/c', '/a/b/circle', '/a/b/deep.conf']);
    assert.deepEqual(paths("path = '/a/one.conf' OR directory = '/a/b/c'"), [
      '/a/b/c/deeper',
      '/a/one.conf',
    ]);
    const join = `SELECT f.path FROM (SELECT '/a/one.conf' AS p UNION SELECT '/no') JOIN file f ON f.path = p`;
    assert.deepEqual(set.all(join), [{ path: '/a/one.conf' }]);
  });

  it('names with line ends, wildcards, and bytes that are not UTF-8', () => {
    assert.deepEqual(paths("path LIKE '/odd/new%'"), ['/odd/new\nline']);
    assert.deepEqual(paths("path = '/odd/per%cent'"), ['/odd/per%cent']);
    assert.deepEqual(paths("path LIKE '/odd/x[y]*'"), ['/odd/x[y]*']);
    const sql = `SELECT hex(f.path) AS hex, f.size, h.md5 FROM file f JOIN hash h USING (path)
      WHERE f.path LIKE '/odd/%' AND f.size > 0`;
    const [row, more] = set.all(sql);
    assert.deepEqual(
      { hex: row?.hex, size: row?.size, more },
      {
        hex: Buffer.from('/odd/\xff\xfe', 'latin1').toString('hex').toUpperCase(),
        size: 5,
        more: undefined,
      },
    );
    assert.equal(row?.md5, '4b3a6218bb3e3a7303e8a171a60fcf92', 'the hash found it by its bytes');
  });

  it('facts as stat has them', () => {
    const format = '%n|%i|%u|%g|%a|%s|%o|%X|%Y|%Z|%W|%h';
    for (const path of ['/a/one.conf', '/a', '/a/link']) {
      const name = join(root, path);
      const { stdout } = spawnSync('stat', ['-L', '-c', format, name], { encoding: 'utf8' });
      const sql = `SELECT ? || '|' || inode || '|' || uid || '|' || gid || '|' || ltrim(mode, '0')
        || '|' || size || '|' || block_size || '|' || atime || '|' || mtime || '|' || ctime || '|'
        || btime || '|' || hard_links AS line FROM file WHERE path = ?`;
      assert.equal(set.all(sql, name, path)[0]?.line, stdout.trim());
    }
    const columns = 'filename, directory, mode, type, symlink, symlink_target_path AS target';
    const facts = (path: string) => set.all(`SELECT ${columns} FROM file WHERE path = ?`, path)[0];
    assert.deepEqual(facts('/a/link'), {
      filename: 'link',
      directory: '/a',
      mode: '4751',
      type: 'regular',
      symlink: 1,
      target: 'one.conf',
    });
    assert.equal(facts('/a/broken')?.type, 'symlink');
    assert.equal(facts('/a')?.directory, '/');
    assert.deepEqual([facts('/a/')?.filename, facts('/a/')?.directory], ['.', '/a']);
  });

  it('%% ends in a folder deeper than any honest one', () => {
    let folder = join(root, 'tree');
    for (let i = 0; i < 200; i++) folder = join(folder, 'd');
    mkdirSync(folder, { recursive: true });
    assert.equal(paths("path LIKE '/tree/%%'").length, 129);
    assert.match(set.warnings()[0] ?? '', /deeper than 128 folders/);
  });
});
