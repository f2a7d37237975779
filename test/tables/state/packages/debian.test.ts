import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const STATUS = `Package: alpha
Status: install ok installed
Priority: optional
Section: net
Installed-Size: 120
Maintainer: Ana <ana@example.org>
Architecture: amd64
Source: alpha-src (1.0-1)
Version: 1:1.0-2~rc1
Description: first line
 Package: not-a-field
 .

Package: gone
Status: purge ok not-installed
Version: 1

Package: kept
Status: deinstall ok config-files
Version: 2.0
no colon here
: no name

`;

describe('tables: packages of Debian', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    writeTree(root, {
      '/var/lib/dpkg/status': STATUS,
      '/var/lib/dpkg/status.d/base': 'Package: base\nVersion: 12\n',
      '/var/lib/dpkg/status.d/base.md5sums': 'Package: wrong\n',
      '/other/status': 'Package: beta\nStatus: install ok installed\nVersion: 3-4\n',
      '/var/lib/dpkg/info/alpha.list': Buffer.from('/.\n/usr\n/usr/bin/\xff\n', 'latin1'),
      '/var/lib/dpkg/info/libc6:amd64.list': '/.\n/usr\n/usr/lib/libc.so.6\n',
      '/var/lib/dpkg/info/alpha.md5sums': '/wrong\n',
      '/etc/apt/sources.list': `# remark
deb-src http://src.example.org/debian stable main
deb [ arch=amd64 signed-by=/x ] http://me:pw@deb.example.org/debian/ stable main  # more
deb http://flat.example.org/my_repo ./
deb
`,
      '/etc/apt/sources.list.d/b.sources': `Types: deb-src deb
URIs: https://one.example.org/ https://two.example.org
Suites: stable
 testing
Components: main

Enabled: no
Types: deb
URIs: https://off.example.org
Suites: stable
`,
      '/etc/apt/sources.list.d/c.list.save': 'deb http://wrong.example.org stable main\n',
      '/var/lib/apt/lists/deb.example.org_debian_dists_stable_InRelease': `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

Origin: Example
Codename: bookworm
Version: 12.5
Architectures: amd64 arm64
Components: main contrib
-----BEGIN PGP SIGNATURE-----
`,
      '/var/lib/apt/lists/flat.example.org_my%5frepo_._Release': 'Origin: wrong place\n',
      '/var/lib/apt/lists/flat.example.org_my%5frepo_Release': 'Origin: Flat\n',
    });
    set = openTables(findStateTables('packages'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('deb_packages: what is installed and what was kept', () => {
    assert.deepEqual(set.all('SELECT * FROM deb_packages'), [
      {
        name: 'alpha',
        version: '1:1.0-2~rc1',
        source: 'alpha-src (1.0-1)',
        size: 120,
        arch: 'amd64',
        revision: '2~rc1',
        status: 'install ok installed',
        maintainer: 'Ana <ana@example.org>',
        section: 'net',
        priority: 'optional',
        admindir: '/var/lib/dpkg',
      },
      ...[
        { name: 'kept', version: '2.0', status: 'deinstall ok config-files' },
        { name: 'base', version: '12', status: 'install ok installed' },
      ].map(({ name, version, status }) => ({
        name,
        version,
        source: '',
        size: null,
        arch: '',
        revision: '',
        status,
        maintainer: '',
        section: '',
        priority: '',
        admindir: '/var/lib/dpkg',
      })),
    ]);
    assert.deepEqual(set.warnings(), []);
  });

  it('deb_packages: another database, and versions as dpkg compares them', () => {
    const other = "SELECT name, revision FROM deb_packages WHERE admindir = '/other'";
    assert.deepEqual(set.all(other), [{ name: 'beta', revision: '4' }]);
    const sql = "SELECT name FROM deb_packages WHERE name = 'alpha' AND version < '1:1.0-10'";
    assert.deepEqual(set.all(sql), [{ name: 'alpha' }]);
  });

  it('deb_package_files: by package, by path, in joins', () => {
    const paths = 'SELECT package, hex(path) AS path FROM deb_package_files';
    const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();
    assert.deepEqual(set.all(`${paths} WHERE package = 'alpha'`), [
      { package: 'alpha', path: hex('/') },
      { package: 'alpha', path: hex('/usr') },
      { package: 'alpha', path: hex('/usr/bin/\xff') },
    ]);
    const by = set.all(`${paths} WHERE path IN ('/usr', '/', '/usr/li', 'x') ORDER BY 1, 2`);
    assert.deepEqual(by, [
      { package: 'alpha', path: hex('/') },
      { package: 'alpha', path: hex('/usr') },
      { package: 'libc6', path: hex('/') },
      { package: 'libc6', path: hex('/usr') },
    ]);
    const join = `SELECT b.package FROM deb_package_files a JOIN deb_package_files b USING (path)
      WHERE a.package = 'alpha' AND b.package <> 'alpha'`;
    assert.deepEqual(set.all(join), [{ package: 'libc6' }, { package: 'libc6' }]);
    const bytes = set.all(
      "SELECT package FROM deb_package_files WHERE path = CAST(x'2f7573722f62696e2fff' AS TEXT)",
    );
    assert.deepEqual(bytes, [{ package: 'alpha' }]);
  });

  it('apt_sources: both formats, with what the archives say', () => {
    assert.deepEqual(
      set.all('SELECT name, base_uri, release, version, maintainer FROM apt_sources'),
      [
        [
          'me:pw@deb.example.org/debian stable',
          'http://me:pw@deb.example.org/debian',
          'bookworm',
          '12.5',
          'Example',
        ],
        ['flat.example.org/my_repo ./', 'http://flat.example.org/my_repo', '', '', 'Flat'],
        ['one.example.org stable', 'https://one.example.org', '', '', ''],
        ['one.example.org testing', 'https://one.example.org', '', '', ''],
        ['two.example.org stable', 'https://two.example.org', '', '', ''],
        ['two.example.org testing', 'https://two.example.org', '', '', ''],
      ].map(([name, base_uri, release, version, maintainer]) => ({
        name,
        base_uri,
        release,
        version,
        maintainer,
      })),
    );
    const sql = 'SELECT DISTINCT components, architectures FROM apt_sources WHERE version > 0';
    assert.deepEqual(set.all(sql), [{ components: 'main contrib', architectures: 'amd64 arm64' }]);
  });

  it('on this host: as dpkg-query says', () => {
    const host = openTables(findStateTables('packages'));
    try {
      const format =
        // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
        '${Package}\t${Version}\t${Architecture}\t${Installed-Size}\t${Status}\t${Section}\t${Maintainer}\n';
      const said = execFileSync('dpkg-query', ['-W', '-f', format], { encoding: 'utf8' });
      const rows = host.all(
        "SELECT name, version, arch, ifnull(size, '') AS size, status, section, maintainer FROM deb_packages",
      );
      const shown = rows.map((row) => Object.values(row).join('\t'));
      assert.deepEqual(shown.sort(), said.trimEnd().split('\n').sort());
      const listed = execFileSync('dpkg', ['-L', 'dpkg'], { encoding: 'utf8' });
      const files = host.all("SELECT path FROM deb_package_files WHERE package = 'dpkg'");
      assert.deepEqual(
        files.map(({ path }) => path).sort(),
        listed
          .replace(/^\/\.$/m, '/')
          .trimEnd()
          .split('\n')
          .sort(),
      );
    } finally {
      host.close();
    }
  });
});
