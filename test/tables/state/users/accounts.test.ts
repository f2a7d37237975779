import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

describe('tables: users and groups', () => {
  const root = makeScratch();
  let set: TableSet;
  let here: TableSet;

  before(() => {
    writeTree(root, {
      '/etc/passwd': `root:x:0:0:root:/root:/bin/bash
# a remark
+::::::
nobody:x:4294967294:65534:no,body:/:/usr/sbin/nologin
short:x:7:7
`,
      '/etc/group': 'root:x:0:\nwheel:x:10:root,nobody\nbad:x:ten:\n',
    });
    set = openTables(findStateTables('users'), root);
    here = openTables(findStateTables('users'));
  });
  after(() => {
    set.close();
    here.close();
    removeScratch(root);
  });

  it('lines that are accounts', () => {
    const rows = set.all('SELECT uid, uid_signed, username, description, shell FROM users');
    assert.deepEqual(rows, [
      { uid: 0, uid_signed: 0, username: 'root', description: 'root', shell: '/bin/bash' },
      {
        uid: 4294967294,
        uid_signed: -2,
        username: 'nobody',
        description: 'no,body',
        shell: '/usr/sbin/nologin',
      },
      { uid: 7, uid_signed: 7, username: 'short', description: '', shell: '' },
    ]);
    assert.deepEqual(set.all('SELECT gid, groupname FROM groups'), [
      { gid: 0, groupname: 'root' },
      { gid: 10, groupname: 'wheel' },
    ]);
  });

  it('the same as getent', () => {
    const { stdout } = spawnSync('getent', ['-s', 'files', 'passwd'], { encoding: 'utf8' });
    const sql = `SELECT username || ':x:' || uid || ':' || gid || ':' || description || ':'
      || directory || ':' || shell AS line FROM users`;
    const mine = here.all(sql).map(({ line }) => line);
    assert.deepEqual(mine.sort(), stdout.trim().split('\n').sort());
  });

  it('what another process sees', () => {
    const sql =
      'SELECT count(*) AS n, pid_with_namespace AS pid FROM users WHERE pid_with_namespace = ?';
    const [all] = here.all('SELECT count(*) AS n FROM users');
    assert.deepEqual(here.all(sql, process.pid), [{ n: all?.n, pid: process.pid }]);
  });
});
