import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

/** A record as login writes it: see utmp(5). */
function record(type: number, pid: number, tty: string, user: string, host: string): Buffer {
  const bytes = Buffer.alloc(384);
  bytes.writeInt16LE(type, 0);
  bytes.writeInt32LE(pid, 4);
  bytes.write(tty, 8);
  bytes.write(user, 44);
  bytes.write(host, 76);
  bytes.writeInt32LE(1_700_000_000, 340);
  return bytes;
}

const RECORDS = Buffer.concat([
  record(2, 0, '~', 'reboot', '6.1.0'),
  record(7, 4711, 'pts/0', 'ana', '10.0.0.9'),
  record(8, 4711, 'pts/0', '', ''),
]);

describe('tables: accounts, logins, cron, sudo', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nana:x:1000:1000::/home/ana:/bin/sh\n',
      '/etc/group': 'root:x:0:\nsudo:x:27:ana\nana:x:1000:ana\n',
      '/etc/shadow': `root:*:19000:0:99999:7:::
ana:$y$j9T$abc$def:19001:1:90:7:14:20000:
bob:!$6$abc$def:19001:0:99999:7:::
new:!!:::::::
open::19001:0:99999:7:::
`,
      '/etc/crontab': `SHELL=/bin/sh
# m h dom mon dow user command
17 *\t* * *   root    cd / && run-parts --report /etc/cron.hourly
@reboot root /bin/start it
PATH = /a b c d e f
`,
      '/etc/cron.d/job': '*/5 * * * * www-data /bin/job\n',
      '/var/spool/cron/crontabs/ana': '0 3 * * 1-5 backup\n',
      '/etc/sudoers': `# remark
Defaults  env_reset
root ALL=(ALL:ALL) \\
  ALL
@includedir /etc/sudoers.d
#include more
#1000 is a remark
`,
      '/etc/sudoers.d/10-ops': '%ops ALL = NOPASSWD: ALL\n',
      '/etc/sudoers.d/skipped.bak': 'no ALL=ALL\n',
      '/etc/sudoers.d/old~': 'no ALL=ALL\n',
      '/etc/more': '@include sudoers\nana ALL=(root) /bin/ls\n',
      '/var/log/wtmp': RECORDS,
      '/run/utmp': Buffer.concat([RECORDS, record(5, 1, 'x', 'init', '')]),
    });
    set = openTables(findStateTables('users'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('user_groups', () => {
    assert.deepEqual(set.all('SELECT uid, gid FROM user_groups'), [
      { uid: 0, gid: 0 },
      { uid: 1000, gid: 1000 },
      { uid: 1000, gid: 27 },
    ]);
    const here = openTables(findStateTables('users'));
    const { stdout } = spawnSync('id', ['-G', 'root'], { encoding: 'utf8' });
    const mine = here
      .all('SELECT gid FROM user_groups WHERE uid = 0')
      .map(({ gid }) => String(gid));
    here.close();
    assert.deepEqual(mine.sort(), stdout.trim().split(' ').sort());
  });

  it('shadow', () => {
    const sql = 'SELECT username, password_status, hash_alg, max, inactive, flag FROM shadow';
    assert.deepEqual(set.all(sql), [
      {
        username: 'root',
        password_status: 'locked',
        hash_alg: null,
        max: 99999,
        inactive: -1,
        flag: -1,
      },
      {
        username: 'ana',
        password_status: 'active',
        hash_alg: 'y',
        max: 90,
        inactive: 14,
        flag: -1,
      },
      {
        username: 'bob',
        password_status: 'locked',
        hash_alg: null,
        max: 99999,
        inactive: -1,
        flag: -1,
      },
      {
        username: 'new',
        password_status: 'not_set',
        hash_alg: null,
        max: -1,
        inactive: -1,
        flag: -1,
      },
      {
        username: 'open',
        password_status: 'empty',
        hash_alg: null,
        max: 99999,
        inactive: -1,
        flag: -1,
      },
    ]);
  });

  it('crontab', () => {
    const sql = `SELECT coalesce(event, minute || ' ' || hour || ' ' || day_of_month || ' ' || month
      || ' ' || day_of_week) || ': ' || command AS job, path FROM crontab`;
    assert.deepEqual(set.all(sql), [
      { job: '17 * * * *: root cd / && run-parts --report /etc/cron.hourly', path: '/etc/crontab' },
      { job: '@reboot: root /bin/start it', path: '/etc/crontab' },
      { job: '*/5 * * * *: www-data /bin/job', path: '/etc/cron.d/job' },
      { job: '0 3 * * 1-5: backup', path: '/var/spool/cron/crontabs/ana' },
    ]);
  });

  it('sudoers, with what it includes, and no circle', () => {
    const sql = "SELECT source || ' | ' || header || ' | ' || rule_details AS rule FROM sudoers";
    assert.deepEqual(
      set.all(sql).map(({ rule }) => rule),
      [
        '/etc/sudoers | Defaults | env_reset',
        '/etc/sudoers | root | ALL=(ALL:ALL) ALL',
        '/etc/sudoers | includedir | /etc/sudoers.d',
        '/etc/sudoers.d/10-ops | %ops | ALL = NOPASSWD: ALL',
        '/etc/sudoers | include | /etc/more',
        '/etc/more | include | /etc/sudoers',
        '/etc/more | ana | ALL=(root) /bin/ls',
      ],
    );
  });

  it('last and logged_in_users', () => {
    assert.deepEqual(set.all('SELECT * FROM last WHERE type = 7'), [
      {
        username: 'ana',
        tty: 'pts/0',
        pid: 4711,
        type: 7,
        type_name: 'user',
        time: 1_700_000_000,
        host: '10.0.0.9',
      },
    ]);
    assert.equal(set.all('SELECT * FROM last').length, 3);
    assert.deepEqual(
      set.all('SELECT type, user FROM logged_in_users').map(({ type, user }) => `${type} ${user}`),
      ['boot_time reboot', 'user ana', 'dead '],
    );
    const { stdout } = spawnSync('last', ['-f', `${root}/var/log/wtmp`, '--nohostname'], {
      encoding: 'utf8',
    });
    assert.match(stdout, /^ana\s+pts\/0/m, 'last(1) reads the same records');
  });
});
