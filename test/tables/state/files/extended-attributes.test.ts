import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilityText } from '../../../../src/tables/state/files/capability-text.ts';
import { extendedAttributes } from '../../../../src/tables/state/files/extended-attributes.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables } from '../../../helpers/tables.ts';

/** net_raw and bpf, permitted and effective, as setcap stores them. */
const CAPABILITIES = Buffer.from('0100000200200000000000008000000000000000', 'hex');

/** Python has the calls that Node lacks. */
function setAttribute(path: string, name: string, value: Buffer): void {
  const script =
    'import os, sys; os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]))';
  const args = ['-c', script, path, name, value.toString('hex')];
  const { status, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

describe('tables: extended_attributes', () => {
  it('text, bytes, nothing and capabilities', () => {
    const root = makeScratch();
    const path = join(root, 'new\nline');
    writeFileSync(path, '');
    writeFileSync(join(root, 'none'), '');
    setAttribute(path, 'user.text', Buffer.from('some text\0'));
    setAttribute(path, 'user.bytes', Buffer.from([0xff, 0, 1]));
    setAttribute(path, 'user.empty', Buffer.alloc(0));
    setAttribute(path, 'security.capability', CAPABILITIES);
    const set = openTables([extendedAttributes]);
    const sql =
      'SELECT path, key, value, base64 FROM extended_attributes WHERE directory = ? ORDER BY key';
    assert.deepEqual(
      set.all(sql, root).filter(({ key }) => key !== 'security.selinux'),
      [
        { path, key: 'security.capability', value: 'cap_net_raw,cap_bpf=ep', base64: 0 },
        { path, key: 'user.bytes', value: '/wAB', base64: 1 },
        { path, key: 'user.empty', value: '', base64: 1 },
        { path, key: 'user.text', value: 'some text', base64: 0 },
      ],
    );
    const gone = set.all('SELECT * FROM extended_attributes WHERE path = ?', join(root, 'gone'));
    assert.deepEqual(gone, []);
    set.close();
    removeScratch(root);
  });

  it('capabilities of other revisions, and what is none', () => {
    const old = Buffer.from('000000010004000001000000', 'hex');
    assert.equal(capabilityText(old), 'cap_chown=i cap_net_bind_service=p');
    assert.equal(capabilityText(Buffer.alloc(11)), undefined);
    assert.equal(capabilityText(Buffer.from('010000020000', 'hex')), undefined);
  });
});
