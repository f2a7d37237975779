import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { RpmHeader } from '../../../../src/tables/state/packages/rpm-header.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const SPEC = `Name: weir-sample
Epoch: 3
Version: 1.2
Release: 4
Summary: sample
License: MIT
Group: Applications/Text
Vendor: Example
BuildArch: noarch
%global _binary_filedigest_algorithm 8
%description
x
%install
mkdir -p "%{buildroot}/usr/share/weir-sample/with blank"
echo hello > %{buildroot}/usr/share/weir-sample/hello
ln -s hello %{buildroot}/usr/share/weir-sample/link
%files
/usr/share/weir-sample
`;
const DATABASE = '/var/lib/rpm';

describe('tables: packages of rpm', function () {
  this.timeout(60_000);
  const root = makeScratch();
  const rpm = ['--dbpath', join(root, DATABASE), '--define', '_db_backend sqlite'];
  let set: TableSet;

  before(() => {
    mkdirSync(join(root, DATABASE), { recursive: true });
    const spec = join(root, 'sample.spec');
    writeFileSync(spec, SPEC);
    const top = ['--define', `_topdir ${root}/top`, '--define', `_rpmdir ${root}/out`];
    execFileSync('rpmbuild', ['-bb', ...top, spec], { stdio: 'pipe' });
    const [file = ''] = readdirSync(join(root, 'out/noarch'));
    execFileSync('rpm', [...rpm, '--initdb']);
    const install = ['-i', '--justdb', '--nodeps', join(root, 'out/noarch', file)];
    execFileSync('rpm', [...rpm, ...install], { stdio: 'pipe' });
    set = openTables(findStateTables('packages'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('rpm_packages: what rpm itself says', () => {
    const tags = ['NAME', 'VERSION', 'RELEASE', 'SOURCERPM', 'SIZE', 'SHA1HEADER', 'ARCH', 'EPOCH'];
    const more = ['INSTALLTIME', 'VENDOR', 'GROUP'];
    const format = [...tags, ...more].map((tag) => `%{${tag}}`).join('\t');
    const said = execFileSync('rpm', [...rpm, '-qa', '--qf', format], { encoding: 'utf8' });
    const rows = set.all('SELECT * FROM rpm_packages');
    assert.equal(rows.length, 1);
    assert.equal(Object.values(rows[0] ?? {}).join('\t'), said);
    assert.deepEqual(set.warnings(), []);
  });

  it('by name', () => {
    const by = (name: string) => set.all('SELECT epoch FROM rpm_packages WHERE name = ?', name);
    assert.deepEqual(by('weir-sample'), [{ epoch: 3 }]);
    assert.deepEqual(by('%'), []);
    const sql =
      "SELECT 1 AS one FROM rpm_packages WHERE version = '1.2' AND arch IN ('noarch', 'x')";
    assert.deepEqual(set.all(sql), [{ one: 1 }]);
  });

  it('rpm_package_files: with owners, kinds and digests', () => {
    const folder = '/usr/share/weir-sample';
    const sql = 'SELECT path, username, mode, sha256 FROM rpm_package_files';
    const hello = createHash('sha256').update('hello\n').digest('hex');
    const all = [
      { path: folder, username: 'root', mode: 'drwxr-xr-x', sha256: '' },
      { path: `${folder}/hello`, username: 'root', mode: '-rw-r--r--', sha256: hello },
      { path: `${folder}/link`, username: 'root', mode: 'lrwxrwxrwx', sha256: '' },
      { path: `${folder}/with blank`, username: 'root', mode: 'drwxr-xr-x', sha256: '' },
    ];
    assert.deepEqual(set.all(sql), all);
    assert.deepEqual(set.all(`${sql} WHERE package = 'weir-sample'`), all);
    assert.deepEqual(set.all(`${sql} WHERE path = '${folder}/link'`), [all[2]]);
    assert.deepEqual(set.all(`${sql} WHERE path = '/etc/link'`), []);
  });

  it('a database as it lies there is left as it is', () => {
    const before = readdirSync(join(root, DATABASE)).sort();
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const url = new URL(`file://${root}${DATABASE}/rpmdb.sqlite?immutable=1`);
    const database = new DatabaseSync(url, { readOnly: true });
    const rows = database.prepare('SELECT blob FROM Packages').all();
    database.close();
    const header = new RpmHeader(rows[0]?.blob as Uint8Array);
    assert.equal(header.text(1000), 'weir-sample');
    assert.deepEqual(readdirSync(join(root, DATABASE)).sort(), before);
  });

  it('headers that are cut off or lie about what is in them', () => {
    const database = join(root, DATABASE, 'rpmdb.sqlite');
    assert.ok(readFileSync(database).length > 0);
    for (const bytes of ['', '00', 'ffffffffffffffff', '0000000100000000'])
      assert.throws(() => new RpmHeader(Buffer.from(bytes, 'hex')), /cut off/);
    // One entry: tag 1000, strings, 2^32-1 of them, beginning behind the end.
    const lie = (type: number, offset: number) => {
      const bytes = Buffer.alloc(8 + 16 + 4);
      bytes.writeUInt32BE(1, 0);
      bytes.writeUInt32BE(4, 4);
      for (const [i, value] of [1000, type, offset, 0xffffffff].entries())
        bytes.writeUInt32BE(value, 8 + 4 * i);
      return new RpmHeader(bytes);
    };
    assert.deepEqual(lie(8, 0xffffffff).texts(1000), []);
    assert.equal(lie(8, 0).texts(1000).length, 4);
    assert.deepEqual(lie(4, 0).numbers(1000), [0]);
    assert.deepEqual(lie(5, 0).numbers(1000), []);
    assert.deepEqual(lie(77, 0).numbers(1000), []);
    assert.equal(lie(4, 0).text(1000), undefined);
  });

  it('says which databases it does not read', () => {
    const other = makeScratch();
    const asked = openTables(findStateTables('packages'), other);
    try {
      mkdirSync(join(other, DATABASE), { recursive: true });
      writeFileSync(join(other, DATABASE, 'Packages'), 'x');
      assert.deepEqual(asked.all('SELECT * FROM rpm_packages'), []);
      assert.match(asked.warnings().join(), /Packages is a Berkeley DB database/);
      writeFileSync(join(other, DATABASE, 'rpmdb.sqlite'), 'no database at all, but long enough');
      appendFileSync(join(other, DATABASE, 'rpmdb.sqlite'), 'x'.repeat(5000));
      assert.deepEqual(asked.all('SELECT * FROM rpm_packages'), []);
      assert.match(asked.warnings().join(), /cannot read \/var\/lib\/rpm\/rpmdb.sqlite: /);
    } finally {
      asked.close();
      removeScratch(other);
    }
  });
});
