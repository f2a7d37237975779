import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { useSignatureGroups } from '../../../../src/tables/state/files/yara-rules.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const RULE = `rule one : first { strings: $a = "needle" $b = { 00 ff } condition: any of them }
rule two { strings: $x = "hay" condition: #x > 1 }`;

describe('tables: magic and YARA', () => {
  const scratch = makeScratch();
  const at = (name: string): string => join(scratch, name);
  let set: TableSet;

  before(() => {
    writeTree(scratch, {
      'needle.txt': 'a needle in hay, hay',
      'plain.txt': 'nothing',
      'binary.bin': Buffer.from([1, 0, 255, 2]),
      'rules.yar': RULE,
      'more.yar': 'rule one { condition: true }',
      'include.yar': 'include "/etc/passwd"',
      'script.sh': '#!/bin/sh\necho\n',
    });
    set = openTables([...findStateTables('files'), ...findStateTables('processes')]);
  });
  after(() => {
    set.close();
    removeScratch(scratch);
  });

  it('magic, as file(1)', () => {
    const rows = set.all(
      'SELECT path, data, mime_type FROM magic WHERE path LIKE ?',
      `${scratch}/%`,
    );
    assert.equal(rows.length, 7);
    assert.equal(
      rows.find(({ path }) => path === at('script.sh'))?.mime_type,
      'text/x-shellscript',
    );
    const magic = set.all("SELECT * FROM magic WHERE path = '/bin/ls'")[0];
    assert.match(String(magic?.data), /^ELF 64-bit LSB/);
    assert.equal(magic?.mime_encoding, 'binary');
    assert.deepEqual(set.all('SELECT * FROM magic WHERE path = ?', scratch), [], 'no folder');
    const database = "SELECT * FROM magic WHERE path = '/bin/ls' AND magic_db_files = '/none'";
    assert.throws(() => set.all(database), /^SqliteError: magic: could not find any/);
  });

  it('yara: rules in a file and in the query, matches and their places', () => {
    const sql = `SELECT path, matches, count, strings, tags FROM yara
      WHERE path LIKE ? AND sigfile = ? ORDER BY path`;
    assert.deepEqual(set.all(sql, `${scratch}/%.txt`, at('rules.yar')), [
      {
        path: at('needle.txt'),
        matches: 'one,two',
        count: 2,
        strings: '$a:2,$x:c,$x:11',
        tags: 'first',
      },
      { path: at('plain.txt'), matches: '', count: 0, strings: '', tags: '' },
    ]);
    const text = 'SELECT matches FROM yara_file WHERE path = ? AND sigrule = ?';
    assert.deepEqual(set.all(text, at('binary.bin'), RULE), [{ matches: 'one' }]);
  });

  it('yara: a group of files is one row', () => {
    useSignatureGroups({ both: [at('rules.yar'), at('more.yar')] });
    const sql = `SELECT sig_group, matches, count FROM yara WHERE path = ? AND sig_group = 'both'`;
    const rows = set.all(sql, at('needle.txt'));
    useSignatureGroups({});
    assert.deepEqual(rows, [{ sig_group: 'both', matches: 'one,two,one', count: 3 }]);
  });

  it('what is wrong with rules is said', () => {
    const ask = (column: string, value: string) => () =>
      set.all(`SELECT * FROM yara WHERE path = '/etc/passwd' AND ${column} = ?`, value);
    assert.throws(
      ask('sigrule', 'rule x {\n nonsense'),
      /yara_file: sigrule: line 2: syntax error/,
    );
    assert.throws(ask('sigfile', 'nowhere.yar'), /there are no rules in \/etc\/weir\/yara/);
    assert.throws(ask('sigfile', at('include.yar')), /include/);
    assert.throws(ask('sig_group', 'g'), /no signature group "g" is configured/);
    assert.throws(ask('sigurl', 'https://x'), /not fetched/);
    assert.throws(
      () => set.all("SELECT * FROM yara WHERE path = '/x'"),
      /sigfile or sigrule is needed/,
    );
  });

  it('yara_process: the memory of a process', async () => {
    const secret = `marker-${process.pid}-${Date.now()}`;
    const child = spawn('/bin/sleep', ['60'], { env: { SECRET: secret }, stdio: 'ignore' });
    await once(child, 'spawn');
    const rule = `rule marker { strings: $a = "${secret}" condition: $a }`;
    const sql = `SELECT y.pid, y.matches FROM processes p JOIN yara_process y USING (pid)
      WHERE p.pid = ? AND y.sigrule = ?`;
    const rows = set.all(sql, child.pid, rule);
    child.kill('SIGKILL');
    assert.deepEqual(rows, [{ pid: child.pid, matches: 'marker' }]);
  });

  it('the main library does not pull in the scanners', () => {
    const library = new URL('../../../../build/Release/weir.node', import.meta.url).pathname;
    const { stdout } = spawnSync('ldd', [library], { encoding: 'utf8' });
    assert.doesNotMatch(stdout, /yara|magic/);
  });
});
