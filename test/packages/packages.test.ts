/** deb and rpm as their users meet them: built twice, checked, installed, upgraded, purged. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  deb,
  debian,
  FOLDER,
  NEWER,
  newerDeb,
  newerRpm,
  ROOT,
  rpm,
  secondDeb,
  secondRpm,
  VERSION,
} from './builds.ts';
import { Root } from './root.ts';

const DEB_LIMIT = 40_000_000;
const OURS = ['/etc/weir', '/usr/lib/weir', '/var/lib/weir', '/var/log/weir', '/var/cache/weir'];

describe('packages', function () {
  this.timeout(900_000);

  it('two builds are byte-equal', () => {
    for (const [first, second] of [
      [deb(), secondDeb()],
      [rpm(), secondRpm()],
    ] as const) {
      assert.ok(readFileSync(first).equals(readFileSync(second)), `${first} differs`);
    }
  });

  it('the deb is small, and lintian has nothing to say that is not explained', () => {
    assert.ok(statSync(deb()).size <= DEB_LIMIT, `${statSync(deb()).size} bytes`);
    const args = ['--fail-on', 'error,warning', '--allow-root', deb()];
    const { status, stdout, stderr } = spawnSync('lintian', args, { encoding: 'utf8' });
    assert.equal(stdout, '', stderr);
    assert.equal(status, 0, stderr);
  });

  it('rpmlint has nothing to say of the rpm that is not explained', () => {
    const explained = join(ROOT, 'packaging/rpm/rpmlintrc');
    const { stdout, stderr } = spawnSync('rpmlint', ['-r', explained, rpm()], { encoding: 'utf8' });
    assert.match(stdout, /1 packages.* checked; 0 errors, 0 warnings/, stdout + stderr);
  });

  it('installs, upgrades with changes and state kept, is removed and purged', () => {
    const root = new Root(debian(), join(FOLDER, 'root'));
    root.must(`dpkg -i ${root.copyIn(deb())}`);
    assert.equal(root.must('weir --version'), `weir ${VERSION}\n`);
    assert.match(root.must('weir config check /etc/weir/weir.json'), /fine/);
    assert.equal(root.must("stat -c '%a %U:%G' /var/lib/weir"), '750 root:weir\n');
    const conffiles = root.must('cat /var/lib/dpkg/info/weir.conffiles').trim().split('\n');
    assert.deepEqual(conffiles.sort(), ['/etc/logrotate.d/weir', '/etc/weir/weir.json']);
    root.must("echo '// mine' >> /etc/weir/weir.json && echo mine > /var/lib/weir/events.db");
    root.must('echo {} > /etc/weir/weir.d/50-mine.json');
    root.must(`dpkg -i --force-confold ${root.copyIn(newerDeb())}`);
    assert.equal(root.must('weir --version'), `weir ${NEWER}\n`);
    const compiled = root.must('find /var/cache/weir -type f | sort');
    assert.ok(compiled.split('\n').length > 500, 'installing compiles');
    root.must("weir query 'SELECT 1 AS a FROM processes LIMIT 1'");
    assert.equal(root.must('find /var/cache/weir -type f | sort'), compiled);
    assert.match(root.must('cat /etc/weir/weir.json'), /\/\/ mine/);
    const kept = [
      '/var/lib/weir/events.db',
      '/etc/weir/weir.json',
      '/etc/weir/weir.d/50-mine.json',
    ];
    root.must(`ls ${kept.join(' ')}`);
    root.must(`dpkg --remove weir && ls ${kept.join(' ')}`);
    assert.ok(!existsSync(join(root.path, 'usr/lib/weir')));
    root.must('dpkg --purge weir');
    for (const path of OURS) assert.ok(!existsSync(join(root.path, path)), path);
    assert.equal(root.run('getent group weir').status, 2);
    const left = root.must("find / -xdev -name '*weir*' -not -path '/root/*' -not -path '/proc/*'");
    assert.equal(left, '');
  });

  it('the rpm installs into an rpm root, is upgraded there and leaves it again', () => {
    const root = new Root(debian(), join(FOLDER, 'root'));
    const db = ['--root', root.path, '--dbpath', '/var/lib/rpm'];
    const rpmDoes = (...args: string[]): string =>
      execFileSync('rpm', [...db, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    rpmDoes('--initdb');
    // The root's libraries are Debian's, which the rpm database does not know.
    rpmDoes('--nodeps', '-i', rpm());
    assert.equal(root.must('weir --version'), `weir ${VERSION}\n`);
    assert.match(root.must('weir config check /etc/weir/weir.json'), /fine/);
    assert.equal(root.must("stat -c '%a %U:%G' /var/lib/weir"), '750 root:weir\n');
    appendFileSync(join(root.path, 'etc/weir/weir.json'), '// mine\n');
    const stays = ['/var/lib/weir/events.db', '/etc/weir/weir.d/50-mine.json'];
    for (const path of stays) writeFileSync(join(root.path, path), '{}');
    rpmDoes('--nodeps', '-U', newerRpm());
    assert.equal(rpmDoes('-q', 'weir'), `weir-${NEWER}-1.x86_64\n`);
    assert.equal(root.must('weir --version'), `weir ${NEWER}\n`);
    assert.match(root.must('cat /etc/weir/weir.json'), /\/\/ mine/);
    assert.ok(existsSync(join(root.path, 'var/cache/weir')), 'only an erasure takes the cache');
    for (const path of stays) assert.ok(existsSync(join(root.path, path)), path);
    rpmDoes('-e', 'weir');
    for (const path of stays) assert.ok(existsSync(join(root.path, path)), path);
    assert.ok(!existsSync(join(root.path, 'usr/lib/weir')));
    assert.ok(!existsSync(join(root.path, 'var/cache/weir')));
    assert.ok(existsSync(join(root.path, 'etc/weir/weir.json.rpmsave')));
  });
});
