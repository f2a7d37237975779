import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

function lines(command: string, ...args: readonly string[]): string[] {
  const { stdout, status, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  assert.ok(error === undefined && status === 0, `${command} runs`);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('tables: system, beside other programs', () => {
  let set: TableSet;

  before(() => {
    set = openTables(findStateTables('system'));
  });
  after(() => set.close());

  const values = (sql: string): string[] =>
    set.all(sql).map((row) => Object.values(row).map(String).join(' '));

  it('mounts as findmnt', () => {
    const theirs = lines('findmnt', '--raw', '--noheadings', '--output', 'TARGET,FSTYPE');
    assert.deepEqual(values('SELECT path, type FROM mounts').sort(), theirs.sort());
  });

  it('sizes as df', () => {
    const [size] = lines('df', '--output=size,iused,itotal', '--block-size=1', '/').slice(1);
    const [bytes, , inodes] = size?.trim().split(/\s+/) ?? [];
    const sql = "SELECT blocks * blocks_size, inodes FROM mounts WHERE path = '/'";
    assert.equal(values(sql).at(-1), `${bytes} ${inodes}`);
  });

  it('system_controls as sysctl', () => {
    const names = ['kernel.ostype', 'net.ipv4.ip_local_port_range', 'vm.overcommit_memory'];
    for (const name of names) {
      const [value] = values(`SELECT current_value FROM system_controls WHERE name = '${name}'`);
      assert.deepEqual([value], lines('sysctl', '-n', name));
    }
    const theirs = lines('sysctl', '-aN').filter((name) => name.startsWith('kernel.'));
    const mine = new Set(values("SELECT name FROM system_controls WHERE subsystem = 'kernel'"));
    assert.deepEqual(
      theirs.filter((name) => !mine.has(name)),
      [],
    );
  });

  it('memory_info as free', () => {
    const [, total, , , , ,] = lines('free', '-b')[1]?.split(/\s+/) ?? [];
    assert.deepEqual(values('SELECT memory_total FROM memory_info'), [total]);
  });

  it('kernel_info, cpu_time and time as uname, nproc and date', () => {
    assert.deepEqual(values('SELECT version FROM kernel_info'), lines('uname', '-r'));
    assert.deepEqual(
      values('SELECT count(*) FROM cpu_time'),
      lines('getconf', '_NPROCESSORS_ONLN'),
    );
    const [now = ''] = values('SELECT unix_time FROM time');
    const sql = `SELECT weekday || ' ' || iso_8601 || ' ' || timestamp FROM time`;
    const at = values(sql);
    const formats = [now, String(Number(now) + 1)].map((seconds) =>
      lines('date', '-u', '-d', `@${seconds}`, '+%A %FT%TZ %a %b %e %T %Y UTC').join(),
    );
    assert.ok(formats.includes(at.join()), `${at} is one of ${formats}`);
  });
});
