import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { findStateTables } from '../../../../src/tables/find-state-tables.ts';
import { parseAtom } from '../../../../src/tables/state/packages/portage.ts';
import { writeTree } from '../../../helpers/file-tree.ts';
import { makeScratch, removeScratch } from '../../../helpers/scratch.ts';
import { openTables, type TableSet } from '../../../helpers/tables.ts';

const ANA = 61_001;

describe('tables: packages of other managers', () => {
  const root = makeScratch();
  let set: TableSet;

  before(() => {
    chmodSync(root, 0o755);
    const modules = '/usr/lib/node_modules';
    const site = '/usr/lib/python3/dist-packages';
    const mine = '/home/ana/.local/lib/python3.11/site-packages';
    writeTree(root, {
      '/etc/passwd': `root:x:0:0::/root:/bin/sh\nana:x:${ANA}:${ANA}::/home/ana:/bin/sh\n`,
      [`${modules}/one/package.json`]: JSON.stringify({
        name: 'one',
        version: '1.2.3',
        description: 'line\nbreak',
        author: { name: 'Ana' },
        license: { type: 'MIT', url: 'https://example.org/mit' },
        homepage: ['not', 'text'],
      }),
      [`${modules}/one/node_modules/inner/package.json`]:
        '{"name":"inner","author":"Eve","license":"ISC"}',
      [`${modules}/one/node_modules/inner/node_modules`]: { link: '../..' },
      [`${modules}/@scope/two/package.json`]: '\uFEFF{"name":"@scope/two"}',
      [`${modules}/broken/package.json`]: '{"name":',
      [`${modules}/list/package.json`]: '[]',
      [`${modules}/.bin/package.json`]: '{"name":"wrong"}',
      [`${site}/requests-2.0.dist-info/METADATA`]: `Metadata-Version: 2.1
Name: requests
Version: 2.0
Summary: HTTP: for people
Author-email: Kim <kim@example.org>
License: Apache 2.0

Name: of the readme
`,
      [`${site}/old.egg-info`]: 'Name: old\nVersion: 1\nAuthor: Ana\n',
      [`${site}/setup.egg-info/PKG-INFO`]: 'Name: setup\nVersion: 3\n',
      [`${site}/empty.dist-info/RECORD`]: '',
      [`${mine}/evil-1.dist-info/METADATA`]: 'Name: evil\nVersion: 1\n',
      [`${mine}/leak-1.dist-info/METADATA`]: { link: '/etc/secret' },
      '/etc/secret': 'Name: secret\n',
      '/var/db/pkg/app-misc/screen-4.9.0-r1/SLOT': '0\n',
      '/var/db/pkg/app-misc/screen-4.9.0-r1/USE': 'pam  utempter\n',
      '/var/db/pkg/app-misc/screen-4.9.0-r1/SIZE': '1024\n',
      '/var/db/pkg/app-misc/-MERGING-x-1/SLOT': '0\n',
      '/var/db/pkg/media-libs/lib-3d-view-1.2_rc3/EAPI': '8\n',
      '/var/lib/portage/world': '# remark\napp-misc/screen\n',
      '/etc/portage/package.accept_keywords/mine': '>=app-misc/a-1.0 ~amd64\n',
      '/etc/portage/package.mask': '=app-misc/b-2\n>=app-misc/a-1.0\n',
      '/etc/portage/package.unmask': 'app-misc/c\n',
      '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\nreposdir=/etc/yum.repos.d, /opt/repos\n',
      '/etc/yum.repos.d/a.repo': `[a]
name = A - $releasever
baseurl=https://one.example.org/
   https://two.example.org/
enabled=0
; remark
[b]
metalink=https://m.example.org/?repo=b&arch=x
gpgcheck=1
garbage
[main]
name=none
`,
      '/opt/repos/c.repo': 'key=before\n[c]\nmirrorlist=https://mirrors.example.org\n',
      '/opt/repos/d.repo.rpmnew': '[wrong]\n',
    });
    chmodSync(join(root, 'etc/secret'), 0o600);
    const own = spawnSync('chown', ['-R', '-h', `${ANA}:${ANA}`, join(root, 'home/ana')]);
    assert.equal(own.status, 0);
    set = openTables(findStateTables('packages'), root);
  });
  after(() => {
    set.close();
    removeScratch(root);
  });

  it('npm_packages: nested ones, broken manifests, links in circles', () => {
    const sql = 'SELECT name, version, author, license, homepage, depth FROM npm_packages';
    assert.deepEqual(set.all(`${sql} ORDER BY name`), [
      { name: '@scope/two', version: '', author: '', license: '', homepage: '', depth: 0 },
      { name: 'inner', version: '', author: 'Eve', license: 'ISC', homepage: '', depth: 1 },
      {
        name: 'one',
        version: '1.2.3',
        author: 'Ana',
        license: 'https://example.org/mit',
        homepage: '',
        depth: 0,
      },
    ]);
    const shallow = set.all('SELECT name FROM npm_packages WHERE max_depth = 0 ORDER BY name');
    assert.deepEqual(shallow, [{ name: '@scope/two' }, { name: 'one' }]);
    const asked =
      "SELECT name, path FROM npm_packages WHERE directory = '/usr/lib/node_modules/one/'";
    assert.deepEqual(set.all(asked), [
      { name: 'inner', path: '/usr/lib/node_modules/one/node_modules/inner/package.json' },
    ]);
    assert.deepEqual(set.warnings(), []);
  });

  it('python_packages: three formats; of users with the rights of users', () => {
    const sql =
      'SELECT name, uid, version, summary, author, license FROM python_packages ORDER BY name';
    const none = { summary: '', author: '', license: '' };
    assert.deepEqual(set.all(sql), [
      { name: 'evil', uid: ANA, version: '1', ...none },
      { name: 'old', uid: 0, version: '1', ...none, author: 'Ana' },
      {
        name: 'requests',
        uid: 0,
        version: '2.0',
        summary: 'HTTP: for people',
        author: 'Kim <kim@example.org>',
        license: 'Apache 2.0',
      },
      { name: 'setup', uid: 0, version: '3', ...none },
    ]);
    const leak = '/home/ana/.local/lib/python3.11/site-packages/leak-1.dist-info/METADATA';
    assert.deepEqual(set.warnings(), [`python_packages: cannot read ${leak}: EACCES`]);
    const users = set.all(`SELECT name, directory FROM python_packages WHERE uid = ${ANA}`);
    assert.deepEqual(users, [
      { name: 'evil', directory: '/home/ana/.local/lib/python3.11/site-packages' },
    ]);
  });

  it('portage_packages, portage_use, portage_keywords', () => {
    const packages =
      'SELECT package, version, slot, eapi, size, world FROM portage_packages ORDER BY 1';
    assert.deepEqual(set.all(packages), [
      {
        package: 'app-misc/screen',
        version: '4.9.0-r1',
        slot: '0',
        eapi: null,
        size: 1024,
        world: 1,
      },
      {
        package: 'media-libs/lib-3d-view',
        version: '1.2_rc3',
        slot: null,
        eapi: 8,
        size: null,
        world: 0,
      },
    ]);
    const screen = { package: 'app-misc/screen', version: '4.9.0-r1' };
    assert.deepEqual(set.all('SELECT * FROM portage_use'), [
      { ...screen, use: 'pam' },
      { ...screen, use: 'utempter' },
    ]);
    assert.deepEqual(set.all('SELECT * FROM portage_keywords'), [
      { package: 'app-misc/a', version: '>=1.0', keyword: '~amd64', mask: 1, unmask: 0 },
      { package: 'app-misc/b', version: '2', keyword: '', mask: 1, unmask: 0 },
      { package: 'app-misc/c', version: '', keyword: '', mask: 0, unmask: 1 },
    ]);
  });

  it('portage: names that look like versions', () => {
    for (const [atom, name, version] of [
      ['x11-libs/gtk+-3.24.1', 'x11-libs/gtk+', '3.24.1'],
      ['=sys-libs/db-5.3*', 'sys-libs/db', '5.3*'],
      ['~media-fonts/font-adobe-100dpi-1.0.4', 'media-fonts/font-adobe-100dpi', '~1.0.4'],
      ['dev-lang/python:3.11', 'dev-lang/python:3.11', ''],
      ['', '', ''],
      ['/', '', ''],
    ] as const) {
      assert.deepEqual(parseAtom(atom), { package: name, version });
    }
  });

  it('yum_sources: all files that the configuration names', () => {
    const sql =
      'SELECT name, source, baseurl, mirrorlist, metalink, enabled, gpgcheck FROM yum_sources';
    const none = { baseurl: '', mirrorlist: '', metalink: '', enabled: '', gpgcheck: '' };
    const a = '/etc/yum.repos.d/a.repo';
    assert.deepEqual(set.all(sql), [
      {
        ...none,
        name: 'A - $releasever',
        source: a,
        baseurl: 'https://one.example.org/\nhttps://two.example.org/',
        enabled: '0',
      },
      {
        ...none,
        name: 'b',
        source: a,
        metalink: 'https://m.example.org/?repo=b&arch=x',
        gpgcheck: '1',
      },
      {
        ...none,
        name: 'c',
        source: '/opt/repos/c.repo',
        mirrorlist: 'https://mirrors.example.org',
      },
    ]);
  });
});
