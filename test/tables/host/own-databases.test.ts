import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Host } from '../../../src/tables/host/host.ts';
import { useOwnDatabases } from '../../../src/tables/host/own-databases.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';

describe('tables: databases that this process has open', () => {
  let scratch: string;
  let db: Database.Database;
  before(() => {
    scratch = makeScratch();
    db = new Database(join(scratch, 'own.db'));
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)');
  });
  after(() => {
    useOwnDatabases([]);
    db.close();
    removeScratch(scratch);
  });

  it('are not read, by whatever path, so that they keep their locks', () => {
    const path = join(scratch, 'own.db');
    const other = join(scratch, 'other.db');
    writeFileSync(other, 'x');
    useOwnDatabases([path]);
    const warnings: string[] = [];
    const host = new Host('', (warning) => warnings.push(warning));
    symlinkSync(`${path}-shm`, join(scratch, 'link'));
    const refused = [path, `${path}-wal`, `${path}-shm`, join(scratch, 'link')];
    for (const one of [...refused, `/proc/self/root${path}`]) {
      assert.equal(host.bytes(one), undefined, one);
      assert.equal(
        host.withDescriptor(one, (fd) => fd),
        undefined,
        one,
      );
    }
    assert.equal(warnings.length, 10);
    assert.match(String(warnings[0]), /own\.db: EBUSY$/);
    assert.equal(String(host.bytes(other)), 'x');
    // Somebody else who opens it and leaves would take the log along if nobody held it.
    assert.equal(execFileSync('sqlite3', [path, 'SELECT a FROM t'], { encoding: 'utf8' }), '1\n');
    assert.ok(existsSync(`${path}-wal`));
    assert.ok(existsSync(`${path}-shm`));
  });
});
