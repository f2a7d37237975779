import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suidBin } from '../../../../src/tables/state/files/suid-bin.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: suid_bin', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    set = openTables([suidBin], root);
  });

  after(() => {
    set.close();
    removeScratch(root);
  });

  it('below folders, by links, by names that are not UTF-8; not what lies outside', () => {
    writeTree(root, {
      '/usr/bin/su': 'x',
      '/usr/bin/plain': 'x',
      '/etc/passwd': 'root:x:0:0::/:\n',
    });
    chmodSync(join(root, 'usr/bin/su'), 0o6755);
    writeTree(root, { '/tmp/a/b/c': 'x' });
    chmodSync(join(root, 'tmp/a/b/c'), 0o2711);
    chmodSync(join(root, 'tmp/a/b'), 0o2755);
    symlinkSync('/usr/bin/su', join(root, 'tmp/link'));
    symlinkSync('a/b', join(root, 'tmp/folder'));
    symlinkSync('..', join(root, 'tmp/a/circle'));
    symlinkSync(join(root, 'usr/bin/su'), join(root, 'tmp/outside'));
    const odd = Buffer.from(`${root}/tmp/\xff`, 'latin1');
    writeFileSync(odd, 'x');
    chmodSync(odd, 0o4755);
    const sql = 'SELECT hex(path) AS path, username, permissions FROM suid_bin ORDER BY path';
    assert.deepEqual(
      set
        .all(sql)
        .map((row) => ({ ...row, path: Buffer.from(`${row.path}`, 'hex').toString('latin1') })),
      [
        { path: '/tmp/a/b/c', username: 'root', permissions: 'G' },
        { path: '/tmp/link', username: 'root', permissions: 'SG' },
        { path: '/tmp/\xff', username: 'root', permissions: 'S' },
        { path: '/usr/bin/su', username: 'root', permissions: 'SG' },
      ],
    );
  });

  it('on this host what find(1) finds', () => {
    const args = ['/usr/bin', '/usr/sbin', '-perm', '/6000', '-type', 'f'];
    const found = execFileSync('find', args, { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line);
    assert.ok(found.length > 0);
    const host = openTables([suidBin]);
    const rows = host
      .all("SELECT path FROM suid_bin WHERE path LIKE '/usr/%'")
      .map(({ path }) => path);
    host.close();
    for (const path of found) assert.ok(rows.includes(path), path);
    for (const path of rows) assert.ok((statSync(String(path)).mode & 0o6000) !== 0, String(path));
    // /tmp may hold hundreds of thousands of files.
  }).timeout(180_000);

  it('many files and folders: all of them, and no more work than is wanted', () => {
    const many = makeScratch();
    const expected: string[] = [];
    for (let folder = 0; folder < 60; folder++) {
      const at = `/tmp/${folder}/${folder}`;
      mkdirSync(many + at, { recursive: true });
      for (let file = 0; file < 100; file++) {
        const path = `${at}/a-name-that-is-not-short-${'x'.repeat(100)}-${file}`;
        writeFileSync(many + path, '');
        if (file % 2 === 0) continue;
        chmodSync(many + path, 0o4755);
        expected.push(path);
      }
    }
    const tables = openTables([suidBin], many);
    try {
      assert.equal(tables.all('SELECT path FROM suid_bin LIMIT 1').length, 1);
      const found = tables.all('SELECT path FROM suid_bin').map(({ path }) => String(path));
      assert.deepEqual(found.sort(), expected.sort());
      assert.deepEqual(tables.warnings(), []);
    } finally {
      tables.close();
      removeScratch(many);
    }
  });

  it('a folder deeper than any honest one is left out, and named', () => {
    const deep = makeScratch();
    let at = join(deep, 'tmp');
    for (let level = 0; level < 130; level++) {
      at = join(at, 'd');
      mkdirSync(at, { recursive: true });
      if (level !== 126 && level !== 127) continue;
      writeFileSync(join(at, 'x'), '');
      chmodSync(join(at, 'x'), 0o4755);
    }
    const tables = openTables([suidBin], deep);
    try {
      const found = tables.all('SELECT path FROM suid_bin').map(({ path }) => path);
      assert.deepEqual(found, [`/tmp${'/d'.repeat(127)}/x`]);
      assert.match(tables.warnings().join(), /\/d is too many folders deep/);
    } finally {
      tables.close();
      removeScratch(deep);
    }
  });
});
