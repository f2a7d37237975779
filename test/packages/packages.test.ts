/**
 * deb and rpm as their users meet them: built twice, installed, upgraded, removed and purged in a
 * Debian root, and run by systemd in a virtual machine.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildDeb } from '../../packaging/deb.ts';
import { buildRpm } from '../../packaging/rpm.ts';
import type { Release } from '../../packaging/tree.ts';
import { fetchKernel } from '../kernels/fetch.mjs';
import { boot } from '../kernels/machine.mjs';
import { makeRoot, Root } from './root.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'build/test-packages');
const RELEASE: Release = { root: ROOT, version: '0.1.0', time: 1_790_000_000, level: 1 };
const DEB_LIMIT = 40_000_000;
const OURS = ['/etc/weir', '/usr/lib/weir', '/var/lib/weir', '/var/log/weir', '/var/cache/weir'];

/** What runs in the machine once systemd has started everything. */
const CHECK = `echo "=== begin"
i=0; while [ $i -lt 7 ]; do /usr/bin/id -u >/dev/null; i=$((i + 1)); done
sleep 3
echo "state $(systemctl show weir -p ActiveState,SubState,NRestarts | tr '\\n' ' ')"
echo "execs $(weir query --json "SELECT count(*) AS n FROM process_events WHERE cmdline = '/usr/bin/id -u'" | tr -d '\\n')"
echo "sums $(weir query --json "SELECT sum(balance) AS n FROM weir_loss" | tr -d '\\n')"
echo "socket $(stat -c '%a %U:%G' /run/weir/weir.sock)"
echo "capabilities $(grep CapPrm /proc/$(systemctl show weir -p MainPID --value)/status)"
echo "security $(systemd-analyze security weir.service | tail -1)"
systemctl stop weir; echo "stopped $(systemctl show weir -p Result)"
apt-get purge -y -q weir >/dev/null 2>&1; echo "purged $?"
echo "left $(ls -d ${OURS.join(' ')} /run/weir 2>/dev/null | tr '\\n' ' ')"
echo "=== end 0"
systemctl poweroff --force --force
`;

const UNIT = `[Unit]
After=weir.service multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh /check
StandardOutput=tty
TTYPath=/dev/ttyS0
`;

/** BPF, PERFMON, SYS_ADMIN, SYS_PTRACE, DAC_READ_SEARCH, NET_ADMIN, AUDIT_READ, KILL. */
const CAPABILITIES = '000000e000281024';

describe('packages', function () {
  this.timeout(900_000);
  let deb = '';
  let rpm = '';

  before(() => {
    mkdirSync(FOLDER, { recursive: true });
    makeRoot(join(FOLDER, 'debian'));
    // The one whose size counts is packed as it is released.
    deb = buildDeb({ ...RELEASE, level: 6 }, join(FOLDER, 'work'), FOLDER);
    rpm = buildRpm(RELEASE, join(FOLDER, 'work'), FOLDER);
  });

  it('two builds are byte-equal', () => {
    for (const build of [buildDeb, buildRpm]) {
      const [first, second] = ['first', 'second'].map((name) => {
        const out = join(FOLDER, name);
        mkdirSync(out, { recursive: true });
        return readFileSync(build(RELEASE, join(FOLDER, 'work'), out));
      });
      assert.ok(first?.equals(second ?? Buffer.alloc(0)), `${build.name} differs`);
    }
  });

  it('the deb is small, and lintian has nothing to say that is not explained', () => {
    assert.ok(statSync(deb).size <= DEB_LIMIT);
    const { stdout } = spawnSync('lintian', ['--fail-on', 'error,warning', deb], {
      encoding: 'utf8',
    });
    assert.equal(stdout, '');
  });

  it('installs, upgrades with changes and state kept, is removed and purged', () => {
    const root = new Root(join(FOLDER, 'debian'), join(FOLDER, 'root'));
    root.must(`dpkg -i ${root.copyIn(deb)}`);
    assert.equal(root.must('weir --version'), 'weir 0.1.0\n');
    assert.match(root.must('weir config check /etc/weir/weir.json'), /fine/);
    assert.equal(root.must("stat -c '%a %U:%G' /var/lib/weir"), '750 root:weir\n');
    root.must(
      `weir daemon --help && echo '// mine' >> /etc/weir/weir.json && touch /var/lib/weir/events.db`,
    );
    const newer = buildDeb({ ...RELEASE, version: '0.1.1' }, join(FOLDER, 'work'), FOLDER);
    root.must(`dpkg -i --force-confold ${root.copyIn(newer)}`);
    assert.match(root.must('cat /etc/weir/weir.json'), /\/\/ mine/);
    root.must('test -e /var/lib/weir/events.db');
    root.must('dpkg --remove weir && test -e /var/lib/weir/events.db -a -e /etc/weir/weir.json');
    root.must('dpkg --purge weir');
    for (const path of OURS) assert.ok(!existsSync(join(root.path, path)), path);
    assert.equal(root.run('getent group weir').status, 2);
    const left = root.must("find / -xdev -name '*weir*' -not -path '/root/*' -not -path '/proc/*'");
    assert.equal(left, '');
  });

  it('the rpm installs into an rpm root and leaves it again', () => {
    const root = new Root(join(FOLDER, 'debian'), join(FOLDER, 'root'));
    const db = ['--root', root.path, '--dbpath', '/var/lib/rpm'];
    execFileSync('rpm', [...db, '--initdb']);
    // The root's libraries are Debian's, which the rpm database does not know.
    execFileSync('rpm', [...db, '--nodeps', '-i', rpm], { stdio: ['ignore', 'inherit', 'pipe'] });
    assert.equal(root.must('weir --version'), 'weir 0.1.0\n');
    appendFileSync(join(root.path, 'etc/weir/weir.json'), '// mine\n');
    execFileSync('rpm', [...db, '-e', 'weir'], { stdio: ['ignore', 'inherit', 'pipe'] });
    assert.ok(!existsSync(join(root.path, 'usr/lib/weir')));
    assert.ok(existsSync(join(root.path, 'etc/weir/weir.json.rpmsave')));
  });

  it('runs under systemd in a virtual machine, sees events, and leaves nothing behind', () => {
    const root = new Root(join(FOLDER, 'debian'), join(FOLDER, 'root'));
    root.must(`dpkg -i ${root.copyIn(deb)}`);
    writeFileSync(join(root.path, 'check'), CHECK);
    const units = join(root.path, 'etc/systemd/system');
    writeFileSync(join(units, 'check.service'), UNIT);
    symlinkSync('../check.service', join(units, 'multi-user.target.wants/check.service'));
    symlinkSync('/lib/systemd/systemd', join(root.path, 'init'));
    for (const folder of ['usr/share/doc', 'usr/share/locale', 'var/lib/apt/lists', 'root']) {
      for (const name of readdirSync(join(root.path, folder))) {
        rmSync(join(root.path, folder, name), { recursive: true });
      }
    }
    const image = join(FOLDER, 'root.cpio');
    execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet > '${image}'`], { cwd: root.path });
    const kernel = fetchKernel('bookworm', '6.1', join(ROOT, 'build/kernels/6.1'));
    const { output, status } = boot(kernel, image, 'systemd.show_status=0', {
      seconds: 600,
      memory: 3072,
    });
    assert.equal(status, 0, output);
    const said = (name: string): string =>
      new RegExp(`^${name} (.*)$`, 'm').exec(output)?.[1] ?? '';
    assert.match(said('state'), /ActiveState=active/, output);
    assert.match(said('state'), /SubState=running/);
    assert.match(said('state'), /NRestarts=0/);
    assert.equal(said('execs'), '[{"n":7}]');
    assert.equal(said('sums'), '[{"n":0}]');
    assert.equal(said('socket'), '660 root:weir');
    assert.ok(said('capabilities').endsWith(CAPABILITIES), said('capabilities'));
    const exposure = Number(/: ([\d.]+) /.exec(said('security'))?.[1]);
    assert.ok(exposure <= 4.5, said('security'));
    assert.equal(said('stopped'), 'Result=success');
    assert.equal(said('purged'), '0');
    assert.equal(said('left').trim(), '');
  });
});
