import assert from 'node:assert/strict';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { objectPath, parseJobs, parseUnits } from '../../../../src/tables/state/system/systemd.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const EFI = '/sys/firmware/efi/efivars';
const GUID = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

describe('tables: what starts, and what protects it', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
      '/root/.config/autostart/evil.desktop': `[Desktop Entry]
Name = Up date
Exec="/tmp/a b" --quiet 50%
[Desktop Action x]
Exec=/bin/other
`,
      '/root/.config/autostart-scripts/run.sh': '',
      '/etc/xdg/autostart/off.desktop':
        '[Other]\nExec=/no\n[Desktop Entry]\nExec=/bin/x\nHidden=true',
      '/etc/xdg/autostart/empty.desktop': '',
      '/etc/init.d/ssh': '',
      '/etc/init.d/folder/x': '',
      '/proc/mounts': 'selinuxfs /sys/fs/selinux selinuxfs rw 0 0\n',
      '/sys/fs/selinux/enforce': '1',
      '/sys/fs/selinux/booleans/ssh_login': '1 0',
      '/sys/fs/selinux/booleans/other': '0 0',
      '/sys/fs/selinux/initial_contexts/kernel': 'system_u:system_r:kernel_t:s0\0',
      '/sys/fs/selinux/class/file/perms/read': '1',
      '/sys/fs/selinux/class/file/index': '6',
      [`${EFI}/SecureBoot-${GUID}`]: Buffer.from([6, 0, 0, 0, 1]),
      [`${EFI}/SetupMode-${GUID}`]: Buffer.from([6, 0]),
    });
    set = openTables(findStateTables('system'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('startup_items', () => {
    const sql = 'SELECT name, path, args, source, status, username FROM startup_items';
    assert.deepEqual(
      set.all(sql).map((row) => Object.values(row).join('|')),
      [
        'Up date|/tmp/a b|--quiet 50%|/root/.config/autostart/|enabled|root',
        'run.sh|/root/.config/autostart-scripts/run.sh||/root/.config/autostart-scripts/|enabled|root',
        'ssh|/etc/init.d/ssh||/etc/init.d/|enabled|',
        '|||/etc/xdg/autostart/|enabled|',
        '|/bin/x||/etc/xdg/autostart/|disabled|',
      ],
    );
  });

  it('selinux_settings', () => {
    assert.deepEqual(
      set.all('SELECT * FROM selinux_settings').map((row) => Object.values(row).join('|')),
      [
        '|enforce|1',
        'booleans|other|off',
        'booleans|ssh_login|on',
        'initial_contexts|kernel|system_u:system_r:kernel_t:s0',
        'class|file/perms|read',
      ],
    );
  });

  it('secureboot: a variable of the wrong size is none', () => {
    assert.deepEqual(set.all('SELECT * FROM secureboot'), [{ secure_boot: 1, setup_mode: -1 }]);
  });

  it('units as systemctl shows them', () => {
    const units = parseUnits(`Id=a@b-c.service
Description=Has = in it
Job=12
User=

Following=
Id=-.mount

`);
    assert.deepEqual(
      units.map((unit) => [unit.get('Id'), unit.get('Description'), unit.get('Job')]),
      [
        ['a@b-c.service', 'Has = in it', '12'],
        ['-.mount', undefined, undefined],
      ],
    );
    assert.deepEqual(parseUnits(''), []);
    assert.deepEqual(
      [...parseJobs('  12 a@b-c.service start waiting\n\nNo jobs\n')],
      [['12', 'start']],
    );
    const prefix = '/org/freedesktop/systemd1/unit';
    assert.equal(objectPath('a@b-c.service'), `${prefix}/a_40b_2dc_2eservice`);
    assert.equal(objectPath('1x'), `${prefix}/_31x`);
  });

  it('no unit where systemd does not run', () => {
    assert.deepEqual(set.all('SELECT id FROM systemd_units'), []);
  });
});
