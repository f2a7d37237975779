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
const EXPOSURE = 4.5;
const KEPT = ['/var/lib/weir/events.db', '/etc/weir/weir.json', '/etc/weir/weir.d/50-mine.json'];
const OURS = ['/etc/weir', '/usr/lib/weir', '/var/lib/weir', '/var/log/weir', '/var/cache/weir'];

/** The service may only read what is compiled: whatever it loads has to be there from the first. */
function compiledAtInstallation(root: Root): void {
  const find = 'find /var/cache/weir -type f | sort';
  const compiled = root.must(find);
  assert.ok(compiled.split('\n').length > 500, `${compiled.split('\n').length} files`);
  root.must("weir query --state-dir /nowhere 'SELECT 1 AS a FROM processes LIMIT 1'");
  assert.equal(root.must(find), compiled);
}

describe('packages: the files', function () {
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
});

describe('packages: deb in a Debian root', function () {
  this.timeout(900_000);
  let root: Root;
  before(() => {
    root = new Root(debian(), join(FOLDER, 'root'));
  });

  it('installs: files, folders, group and compiled sources are there', () => {
    root.must(`dpkg -i ${root.copyIn(deb())}`);
    assert.equal(root.must('weir --version'), `weir ${VERSION}\n`);
    assert.match(root.must('weir config check /etc/weir/weir.json'), /fine/);
    assert.equal(root.must("stat -c '%a %U:%G' /var/lib/weir"), '750 root:weir\n');
    const conffiles = root.must('cat /var/lib/dpkg/info/weir.conffiles').trim().split('\n');
    assert.deepEqual(conffiles.sort(), ['/etc/logrotate.d/weir', '/etc/weir/weir.json']);
    compiledAtInstallation(root);
  });

  it(`systemd-analyze security --offline: exposure at most ${EXPOSURE}`, () => {
    const threshold = `--threshold=${EXPOSURE * 10}`;
    const said = root.must(
      `systemd-analyze security --offline=true ${threshold} --no-pager weir.service 2>&1`,
    );
    const exposure = Number(/exposure level for weir\.service: ([\d.]+)/.exec(said)?.[1]);
    assert.ok(exposure > 0 && exposure <= EXPOSURE, said);
  });

  it('is upgraded with changes and state kept', () => {
    root.must("echo '// mine' >> /etc/weir/weir.json && echo mine > /var/lib/weir/events.db");
    root.must('echo {} > /etc/weir/weir.d/50-mine.json');
    root.must(`dpkg -i --force-confold ${root.copyIn(newerDeb())}`);
    assert.equal(root.must('weir --version'), `weir ${NEWER}\n`);
    compiledAtInstallation(root);
    assert.match(root.must('cat /etc/weir/weir.json'), /\/\/ mine/);
    root.must(`ls ${KEPT.join(' ')}`);
  });

  it('is removed with changes and state kept, and purged without residue', () => {
    root.must(`dpkg --remove weir && ls ${KEPT.join(' ')}`);
    assert.ok(!existsSync(join(root.path, 'usr/lib/weir')));
    root.must('dpkg --purge weir');
    for (const path of OURS) assert.ok(!existsSync(join(root.path, path)), path);
    assert.equal(root.run('getent group weir').status, 2);
    const left = root.must("find / -xdev -name '*weir*' -not -path '/root/*' -not -path '/proc/*'");
    assert.equal(left, '');
  });
});

describe('packages: rpm in an rpm root', function () {
  this.timeout(900_000);

  it('installs, is upgraded with changes and state kept, and leaves it again', () => {
    const root = new Root(debian(), join(FOLDER, 'root'));
    const db = ['--root', root.path, '--dbpath', '/var/lib/rpm'];
    const rpmDoes = (...args: string[]): string =>
      execFileSync('rpm', [...db, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    rpmDoes('--initdb');
    // The root's libraries are Debian's, which the rpm database does not know.
    const toDebian = ['--force-debian', '--nodeps'];
    rpmDoes(...toDebian, '-i', rpm());
    assert.equal(root.must('weir --version'), `weir ${VERSION}\n`);
    assert.match(root.must('weir config check /etc/weir/weir.json'), /fine/);
    assert.equal(root.must("stat -c '%a %U:%G' /var/lib/weir"), '750 root:weir\n');
    compiledAtInstallation(root);
    appendFileSync(join(root.path, 'etc/weir/weir.json'), '// mine\n');
    const stays = ['/var/lib/weir/events.db', '/etc/weir/weir.d/50-mine.json'];
    for (const path of stays) writeFileSync(join(root.path, path), '{}');
    rpmDoes(...toDebian, '-U', newerRpm());
    assert.equal(rpmDoes('-q', 'weir'), `weir-${NEWER}-1.x86_64\n`);
    assert.equal(root.must('weir --version'), `weir ${NEWER}\n`);
    assert.match(root.must('cat /etc/weir/weir.json'), /\/\/ mine/);
    compiledAtInstallation(root);
    for (const path of stays) assert.ok(existsSync(join(root.path, path)), path);
    rpmDoes('-e', 'weir');
    for (const path of stays) assert.ok(existsSync(join(root.path, path)), path);
    assert.ok(!existsSync(join(root.path, 'usr/lib/weir')));
    assert.ok(!existsSync(join(root.path, 'var/cache/weir')));
    assert.ok(existsSync(join(root.path, 'etc/weir/weir.json.rpmsave')));
  });
});
