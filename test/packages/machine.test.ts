/**
 * The packaged service under systemd, on a machine with a disk: first boot, reboot, upgrade by
 * dpkg while it runs, purge.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEPT_CAPABILITIES } from '../../src/cli/privileges.ts';
import { boot } from '../kernels/machine.mjs';
import { deb, debianWithKernel, FOLDER, NEWER, newerDeb, VERSION } from './builds.ts';
import { Root } from './root.ts';

const TIMES = 7;
const COUNT = (word: string): string =>
  `SELECT count(*) AS n FROM process_events WHERE cmdline = '/usr/bin/id ${word}'`;
const DETECTED = "SELECT count(*) AS n FROM detections WHERE rule LIKE '%setuid_bit_set'";

/** Emulation is tens of times slower: times for real machines are too short until the daemon has asked for more. */
const SLOW_FOLDER = 'etc/systemd/system/weir.service.d';
const SLOW = `[Service]
TimeoutStartSec=600
WatchdogSec=600
`;

/** What every script begins with. An answer of the machine is a line: its name, then the words. */
const PRELUDE = `
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
ask() { weir query --json "$1" 2>&1 | tr -d '\\n'; }
# Asks again for a minute, until the answer is what is expected.
eventually() {
  i=0
  while answer=$(ask "$2"); [ "$answer" != "$3" ] && [ $i -lt 10 ]; do sleep 3; i=$((i + 1)); done
  echo "$1 $answer"
}
healthy() {
  i=0
  while ! weir health >/tmp/health 2>&1 && [ $i -lt 20 ]; do sleep 3; i=$((i + 1)); done
  weir health >/tmp/health 2>&1
  echo "$1 $? $(head -1 /tmp/health)"
  sed "s/^/$1: /" /tmp/health
}
run_times() { i=0; while [ $i -lt ${TIMES} ]; do /usr/bin/id "$1" >/dev/null; i=$((i + 1)); done; }
service() { systemctl show weir -p "$1" --value; }
journal() { journalctl -u weir -o short-monotonic -q | cut -c1-300 | tail -40 | sed "s/^/$1: /"; }
`;

const FIRST = `${PRELUDE}
healthy health1
run_times -u
eventually execs1 "${COUNT('-u')}" '[{"n":${TIMES}}]'
cp /usr/bin/id /usr/local/bin/check && chmod 4755 /usr/local/bin/check
eventually detected1 "${DETECTED}" '[{"n":1}]'
echo "loss1 $(ask 'SELECT sum(lost_ring + lost_map + lost_decode + lost_queue + lost_store) AS n FROM weir_loss')"
echo "restarts1 $(service NRestarts)"
journal journal1
echo "socket $(stat -c '%a %U:%G' /run/weir/weir.sock)"
echo "state $(stat -c '%a %U:%G' /var/lib/weir) $(stat -c '%a' /var/lib/weir/events.db)"
echo "capabilities $(sed -n 's/^Cap\\(Eff\\|Prm\\|Bnd\\):\t//p' /proc/$(service MainPID)/task/*/status | sort -u | tr '\\n' ' ')"
echo "inherited $(sed -n 's/^Cap\\(Inh\\|Amb\\):\t//p' /proc/$(service MainPID)/task/*/status | sort -u | tr '\\n' ' ')"
echo "memory $(tr '\\n' ' ' </sys/fs/cgroup/system.slice/weir.service/memory.events)"
echo "rules $(weir health --field queries)"
echo "security $(systemd-analyze security weir.service | tail -1)"
echo '// mine' >> /etc/weir/weir.json
echo '{ "decorators": { "load": ["SELECT 1 AS mine"] } }' > /etc/weir/weir.d/50-mine.json
`;

const SECOND = `${PRELUDE}
healthy health2
echo "restarts2 $(service NRestarts)"
journal journal2
# Of before the reboot.
eventually execs2 "${COUNT('-u')}" '[{"n":${TIMES}}]'
eventually detected2 "${DETECTED}" '[{"n":1}]'
run_times -g
eventually later2 "${COUNT('-g')}" '[{"n":${TIMES}}]'
before=$(service MainPID)
DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold -i /root/newer.deb >/tmp/dpkg 2>&1
echo "upgraded $? $(weir --version)"
sed 's/^/dpkg: /' /tmp/dpkg
[ "$(service MainPID)" != "$before" ] && echo "restarted yes"
healthy health3
echo "running $(weir health --field version)"
echo "mine $(tail -1 /etc/weir/weir.json) $(ls /etc/weir/weir.d)"
eventually execs3 "${COUNT('-u')}" '[{"n":${TIMES}}]'
run_times -G
eventually later3 "${COUNT('-G')}" '[{"n":${TIMES}}]'
weir diagnose --output /tmp/weir.tar.gz >/dev/null 2>&1
echo "diagnosed $? $(tar -xzOf /tmp/weir.tar.gz --wildcards '*manifest.json' | tr -d '\\n ')"
echo "errors $(journalctl -u weir -o cat -p err -q | tr '\\n' ' ')"
weir reload >/tmp/reload 2>&1; echo "reloaded $?"
journal journal3
rm -r /${SLOW_FOLDER}
systemctl daemon-reload
systemctl stop weir
echo "stopped $(service Result)"
apt-get remove -y -q weir >/dev/null 2>&1
echo "removed $? $(ls /var/lib/weir/events.db /etc/weir/weir.json /usr/lib/weir 2>/dev/null | tr '\\n' ' ')"
apt-get purge -y -q weir >/dev/null 2>&1
echo "purged $? $(find / -xdev -iname '*weir*' -not -path '/proc/*' -not -path '/tmp/*' 2>/dev/null | tr '\\n' ' ')"
echo "group $(getent group weir)"
echo "programs $(ls -d /run/weir /sys/fs/bpf/* /sys/fs/cgroup/system.slice/weir* 2>/dev/null | tr '\\n' ' ')"
`;

/** Runs the script of this boot, once everything of the boot is started. */
const CHECK = `#!/bin/sh
exec >/dev/ttyS0 2>&1
systemctl is-system-running --wait >/dev/null
dmesg -n 1
echo; echo "=== begin"
if [ -e /var/check ]; then
  sh /check/second; echo "=== end $?"; next=poweroff
else
  touch /var/check
  sh /check/first; echo "=== end $?"; next=reboot
fi
systemctl --no-block $next
`;

const UNIT = `[Unit]
After=weir.service
[Service]
Type=simple
ExecStart=/bin/sh /check/check
[Install]
WantedBy=multi-user.target
`;

const KERNEL_LINE =
  'root=/dev/vda rw systemd.show_status=0 systemd.mask=serial-getty@ttyS0.service apparmor=0';

function makeDisk(root: Root, image: string): void {
  for (const folder of ['usr/share/locale', 'usr/share/man', 'var/lib/apt/lists']) {
    for (const name of readdirSync(join(root.path, folder))) {
      rmSync(join(root.path, folder, name), { recursive: true });
    }
  }
  rmSync(image, { force: true });
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', root.path, image, '3G']);
}

describe('packages: the service in a virtual machine', function () {
  this.timeout(3_600_000);
  const said = new Map<string, string>();
  let whole = '';
  const says = (name: string, expected: string | RegExp): void => {
    const value = said.get(name) ?? '(nothing)';
    if (typeof expected === 'string') assert.equal(value, expected, `${name}\n${whole}`);
    else assert.match(value, expected, `${name}\n${whole}`);
  };
  let bootAgain: () => void;

  before(() => {
    const root = new Root(debianWithKernel(), join(FOLDER, 'machine'));
    root.must(`dpkg -i ${root.copyIn(deb())}`);
    rmSync(join(root.path, 'root', `weir_${VERSION}_amd64.deb`));
    copyFileSync(newerDeb(), join(root.path, 'root/newer.deb'));
    root.must('mkdir /check');
    for (const [name, text] of Object.entries({ check: CHECK, first: FIRST, second: SECOND })) {
      writeFileSync(join(root.path, 'check', name), text);
    }
    writeFileSync(join(root.path, 'etc/systemd/system/check.service'), UNIT);
    mkdirSync(join(root.path, SLOW_FOLDER));
    writeFileSync(join(root.path, SLOW_FOLDER, 'slow.conf'), SLOW);
    symlinkSync(
      '../check.service',
      join(root.path, 'etc/systemd/system/multi-user.target.wants/check.service'),
    );
    const kernels = join(debianWithKernel(), 'boot');
    const file = (kind: string): string =>
      join(kernels, readdirSync(kernels).find((name) => name.startsWith(`${kind}-`)) ?? kind);
    const disk = join(FOLDER, 'disk.img');
    makeDisk(root, disk);
    rmSync(root.path, { recursive: true });
    bootAgain = () => {
      const drive = `file=${disk},if=virtio,format=raw,cache=unsafe`;
      const once = () =>
        boot(file('vmlinuz'), file('initrd.img'), KERNEL_LINE, {
          seconds: 1500,
          memory: 2048,
          more: ['-drive', drive],
        });
      let { output, status, begun } = once();
      if (!begun) {
        // Nothing of ours ran: emulation does not always come up on a busy host.
        console.error(
          `    the machine did not come up and is started again: ${output.slice(-500)}`,
        );
        ({ output, status, begun } = once());
      }
      whole = output;
      assert.equal(status, 0, output);
      for (const line of output.split('\n')) {
        const [, name, words] = /^(\w+) (.*)$/.exec(line) ?? [];
        if (name !== undefined) said.set(name, words?.trim() ?? '');
      }
    };
  });
  after(() => rmSync(join(FOLDER, 'disk.img'), { force: true }));

  it('watches from the first boot on: healthy, an exec seen, a detection made', () => {
    bootAgain();
    says('health1', /^0 healthy/);
    says('execs1', `[{"n":${TIMES}}]`);
    says('detected1', '[{"n":1}]');
    says('loss1', '[{"n":0}]');
    says('restarts1', '0');
    says('socket', '660 root:weir');
    says('state', '750 root:weir 600');
    const kept = Object.values(KEPT_CAPABILITIES).reduce((bits, n) => bits | (1n << BigInt(n)), 0n);
    says('capabilities', kept.toString(16).padStart(16, '0'));
    says('inherited', '0'.repeat(16));
    const exposure = Number(/: ([\d.]+) /.exec(said.get('security') ?? '')?.[1]);
    assert.ok(exposure <= 4.5, `security ${said.get('security')}`);
    assert.ok(Number(said.get('rules')) > 200, `${said.get('rules')} rules`);
  });

  it('survives a reboot, an upgrade, and leaves nothing when it is purged', () => {
    bootAgain();
    says('health2', /^0 healthy/);
    says('restarts2', '0');
    says('execs2', `[{"n":${TIMES}}]`);
    says('detected2', '[{"n":1}]');
    says('later2', `[{"n":${TIMES}}]`);
    says('upgraded', `0 weir ${NEWER}`);
    says('restarted', 'yes');
    says('health3', /^0 healthy/);
    says('running', NEWER);
    says('mine', '// mine 50-mine.json');
    says('execs3', `[{"n":${TIMES}}]`);
    says('later3', `[{"n":${TIMES}}]`);
    says('diagnosed', /^0 \{.*health/);
    says('errors', '');
    says('reloaded', '0');
    says('stopped', 'success');
    says('removed', '0 /etc/weir/weir.json /var/lib/weir/events.db');
    says('purged', '0');
    says('group', '');
    says('programs', '');
  });
});
