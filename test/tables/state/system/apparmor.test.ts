import assert from 'node:assert/strict';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const POLICY = '/sys/kernel/security/apparmor/policy/profiles';

describe('tables: AppArmor’s profiles', () => {
  let root: string;
  let set: TableSet;

  before(() => {
    root = makeScratch();
    const child = `${POLICY}/cupsd.1/profiles/third_party.2`;
    writeTree(root, {
      [`${POLICY}/cupsd.1/name`]: '/usr/sbin/cupsd\n',
      [`${POLICY}/cupsd.1/attach`]: '/usr/sbin/cupsd\n',
      [`${POLICY}/cupsd.1/mode`]: 'enforce\n',
      [`${POLICY}/cupsd.1/sha1`]: 'aa11\n',
      [`${child}/name`]: 'third_party\n',
      [`${child}/attach`]: '<unknown>\n',
      [`${child}/mode`]: 'complain\n',
      [`${child}/sha256`]: 'bb22\n',
    });
    set = openTables(findStateTables('system'), root);
  });

  after(() => {
    set.close();
    removeScratch(root);
  });

  it('apparmor_profiles: with those that are in others', () => {
    assert.deepEqual(set.all('SELECT * FROM apparmor_profiles'), [
      {
        path: '/usr/sbin/cupsd',
        name: '/usr/sbin/cupsd',
        attach: '/usr/sbin/cupsd',
        mode: 'enforce',
        sha1: 'aa11',
        sha256: '',
      },
      {
        path: '/usr/sbin/cupsd//third_party',
        name: 'third_party',
        attach: '<unknown>',
        mode: 'complain',
        sha1: '',
        sha256: 'bb22',
      },
    ]);
    const one = "SELECT name FROM apparmor_profiles WHERE path = '/usr/sbin/cupsd//third_party'";
    assert.deepEqual(set.all(one), [{ name: 'third_party' }]);
  });
});
