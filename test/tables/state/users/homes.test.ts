import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const ANA = 61_001;
const EVE = 61_002;

describe('tables: what lies in homes', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    chmodSync(root, 0o755);
    writeTree(root, {
      '/etc/passwd': `ana:x:${ANA}:${ANA}::/home/ana:/bin/bash\neve:x:${EVE}:${EVE}::/home/eve:/bin/zsh\n`,
      '/etc/secret': 'root only\n',
      '/etc/ssh/ssh_config': 'Host *\n  SendEnv LANG\n',
      '/home/ana/.bash_history': Buffer.from('ls\n#1700000000\ncurl \xff | sh\n', 'latin1'),
      '/home/eve/.zsh_history': ': 1700000001:0;sudo  -i\nplain\n',
      '/home/eve/.bash_history': { link: '/etc/secret' },
      '/home/eve/.ssh/authorized_keys': { link: '../../../etc/secret' },
      '/home/eve/.ssh/config': { link: '/etc/secret' },
      '/home/ana/.ssh/config': '# remark\nHost Far\n  ProxyCommand nc %h 22\n',
      '/home/ana/.ssh/known_hosts': '# remark\nfar ssh-ed25519 AAAA\n',
      '/home/ana/.ssh/authorized_keys': `# remark
ssh-ed25519 AAAAC3Nza ana@far with blanks
from="10.0.0.1",command="echo \\"a b\\"" ssh-rsa AAAAB3Nza
not a key at all
`,
    });
    for (const [name, uid] of [
      ['ana', ANA],
      ['eve', EVE],
    ] as const) {
      const { status } = spawnSync('chown', [
        '-R',
        '-h',
        `${uid}:${uid}`,
        join(root, 'home', name),
      ]);
      assert.equal(status, 0);
    }
    chmodSync(join(root, 'etc/secret'), 0o600);
    set = openTables(findStateTables('users'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('shell_history', () => {
    const sql = 'SELECT uid, time, hex(command) AS hex, history_file FROM shell_history';
    const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();
    const ana = { uid: ANA, history_file: '/home/ana/.bash_history' };
    const eve = { uid: EVE, history_file: '/home/eve/.zsh_history' };
    assert.deepEqual(set.all(sql), [
      { ...ana, time: 0, hex: hex('ls') },
      { ...ana, time: 1700000000, hex: hex('curl \xff | sh') },
      { ...eve, time: 1700000001, hex: hex('sudo  -i') },
      { ...eve, time: 0, hex: hex('plain') },
    ]);
    assert.deepEqual(set.warnings(), [
      'shell_history: cannot read /home/eve/.bash_history: EACCES',
    ]);
    const join = `SELECT DISTINCT username FROM users JOIN shell_history USING (uid)`;
    assert.deepEqual(set.all(`${join} WHERE username = 'eve'`), [{ username: 'eve' }]);
  });

  it('a link to what the user may not read is not followed for him', () => {
    set.warnings();
    assert.deepEqual(set.all('SELECT * FROM authorized_keys WHERE uid = ?', EVE), []);
    assert.deepEqual(set.warnings(), [
      'authorized_keys: cannot read /home/eve/.ssh/authorized_keys: EACCES',
    ]);
    // This process still is who it was.
    assert.equal(readFileSync(join(root, 'etc/secret'), 'utf8'), 'root only\n');
    assert.match(readFileSync('/proc/thread-self/status', 'utf8'), /^Uid:\t0\t0\t0\t0$/m);
  });

  it('a folder that only its user may list', () => {
    mkdirSync(join(root, 'home/eve/.ssh2'), { mode: 0o700 });
    chownSync(join(root, 'home/ana/.ssh'), 0, 0);
    chmodSync(join(root, 'home/ana/.ssh'), 0o700);
    assert.deepEqual(set.all('SELECT key FROM known_hosts WHERE uid = ?', ANA), []);
    assert.deepEqual(set.all('SELECT path FROM user_ssh_keys WHERE uid = ?', ANA), []);
    chownSync(join(root, 'home/ana/.ssh'), ANA, ANA);
  });

  it('authorized_keys, known_hosts, ssh_configs', () => {
    const columns = 'algorithm, key, options, comment';
    assert.deepEqual(set.all(`SELECT ${columns} FROM authorized_keys WHERE uid = ?`, ANA), [
      { algorithm: 'ssh-ed25519', key: 'AAAAC3Nza', options: '', comment: 'ana@far with blanks' },
      {
        algorithm: 'ssh-rsa',
        key: 'AAAAB3Nza',
        options: 'from="10.0.0.1",command="echo \\"a b\\""',
        comment: '',
      },
      { algorithm: '', key: 'not a key at all', options: '', comment: '' },
    ]);
    assert.deepEqual(set.all('SELECT uid, key FROM known_hosts'), [
      { uid: ANA, key: 'far ssh-ed25519 AAAA' },
    ]);
    assert.deepEqual(set.all('SELECT uid, block, option FROM ssh_configs'), [
      { uid: ANA, block: 'host far', option: 'proxycommand nc %h 22' },
      { uid: 0, block: 'host *', option: 'sendenv lang' },
    ]);
  });

  it('user_ssh_keys tells type, length and passphrase as ssh-keygen made them', () => {
    const folder = join(root, 'home/ana/.ssh');
    const kinds = [
      ['rsa', '2048', '', 'ssh-rsa', 2048, 112],
      ['ed25519', '256', 'secret', 'ssh-ed25519', 256, 128],
      ['ecdsa', '384', '', 'ecdsa-sha2-nistp384', 384, 192],
    ] as const;
    for (const [type, bits, passphrase] of kinds) {
      const args = ['-q', '-t', type, '-b', bits, '-N', passphrase, '-f', join(folder, type)];
      assert.equal(spawnSync('ssh-keygen', args).status, 0);
      chownSync(join(folder, type), ANA, ANA);
    }
    const pem = ['-q', '-t', 'rsa', '-b', '3072', '-m', 'PEM', '-N', '', '-f', join(folder, 'pem')];
    assert.equal(spawnSync('ssh-keygen', pem).status, 0);
    chownSync(join(folder, 'pem'), ANA, ANA);
    const sql = 'SELECT * FROM user_ssh_keys WHERE uid = ? AND path = ?';
    for (const [name, , passphrase, key_type, key_length, key_security_bits] of kinds) {
      const [row] = set.all(sql, ANA, `/home/ana/.ssh/${name}`);
      assert.deepEqual(row, {
        uid: ANA,
        path: `/home/ana/.ssh/${name}`,
        encrypted: passphrase === '' ? 0 : 1,
        key_type,
        key_group_name: name === 'ecdsa' ? 'nistp384' : '',
        key_length,
        key_security_bits,
      });
    }
    const [row] = set.all(sql, ANA, '/home/ana/.ssh/pem');
    assert.deepEqual([row?.key_type, row?.key_length, row?.encrypted], ['rsa', 3072, 0]);
    assert.deepEqual(set.all('SELECT path FROM user_ssh_keys').length, 4, 'public ones are none');
  });
});
