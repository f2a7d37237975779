import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { Browser } from '../helpers/browser.ts';
import { eventually } from '../helpers/eventually.ts';
import { forEachProvider, type LeftOut } from '../helpers/providers.ts';
import { Watch } from '../helpers/watch.ts';
import { WEIR } from '../helpers/weir-daemon.ts';

const PACKS = fileURLToPath(new URL('../../queries/weir-*.json', import.meta.url));
const PATIENCE_MS = 30_000;

/**
 * Covers a folder of the host with an empty one that only the script sees, and waits until what is
 * done in it has been met: without eBPF a new mount is noticed a little later.
 */
const hide = (folder: string): string =>
  `mount -t tmpfs none ${folder}; until [ -e $S/met ]; do : > ${folder}/${PROBE}; sleep 0.05; done`;
const PROBE = 'weir-probe';

interface Deed {
  readonly rule: string;
  /** Shell script, run from a file so that its own command line says nothing. $S is the scratch folder. */
  readonly script: string;
  /** Part of the detection's row. */
  readonly shows: string;
  readonly shell?: string;
}

/** A few of each kind, made so that also who looks a little later sees them; all are in rules.test.ts. */
const DEEDS: readonly Deed[] = [
  {
    rule: 'exec_without_file',
    script: 'cp /bin/sleep $S/gone; exec 3<$S/gone; rm $S/gone; /proc/self/fd/3 0.321',
    shows: '0.321',
  },
  {
    rule: 'exec_from_shared_memory',
    script: `${hide('/dev/shm')}; cp /bin/sleep /dev/shm/x; /dev/shm/x 0.3`,
    shows: '"path":"/dev/shm/x"',
  },
  {
    rule: 'reverse_shell_by_shell',
    script: "bash -c ': /dev/tcp/192.0.2.1/4444; sleep 0.3; true'",
    shows: '192.0.2.1',
  },
  {
    rule: 'shell_connects',
    script: '(: < /dev/tcp/127.0.0.1/1) 2> /dev/null || true',
    shows: '"remote_port":"1"',
    shell: '/bin/bash',
  },
  {
    rule: 'download_piped_to_shell',
    script: "sh -c 'sleep 0.3; curl -s file:///dev/null | sh'",
    shows: 'file:///dev/null',
  },
  { rule: 'setuid_bit_set', script: ': > $S/su; chmod 4755 $S/su', shows: '/su"' },
  {
    rule: 'ld_so_preload_written',
    script: `${hide('/etc')}; : > /etc/ld.so.preload`,
    shows: '"path":"/etc/ld.so.preload"',
  },
  {
    rule: 'cron_persistence',
    script: `${hide('/etc')}; mkdir /etc/cron.d; : > /etc/cron.d/job`,
    shows: '"path":"/etc/cron.d/job"',
  },
  {
    rule: 'systemd_persistence',
    script: `${hide('/etc')}; mkdir -p /etc/systemd/system; : > /etc/systemd/system/x.service`,
    shows: '"path":"/etc/systemd/system/x.service"',
  },
  {
    rule: 'authorized_keys_written',
    script: 'mkdir $S/.ssh; : > $S/.ssh/new; mv $S/.ssh/new $S/.ssh/authorized_keys',
    shows: '/.ssh/authorized_keys"',
  },
  {
    rule: 'log_removed',
    script: `${hide('/var')}; mkdir /var/log; : > /var/log/messages; rm /var/log/messages`,
    shows: '"path":"/var/log/messages"',
  },
  {
    rule: 'service_spawns_shell',
    script: 'cp /bin/dash $S/nginx; $S/nginx -c \'sleep 0.3; /bin/sh -c "sleep 0.3; true"; true\'',
    shows: '/nginx"',
  },
  {
    rule: 'sudoers_written',
    script: `${hide('/etc')}; mkdir /etc/sudoers.d; : > /etc/sudoers.d/x`,
    shows: '"path":"/etc/sudoers.d/x"',
  },
  {
    rule: 'kernel_module_tool',
    script: 'cp /bin/dash $S/insmod; $S/insmod -c "sleep 0.3; true" /no/such.ko',
    shows: '/no/such.ko',
  },
  { rule: 'credentials_unexplained', script: '$S/deeds rights', shows: 'CAP_SYS_ADMIN' },
  { rule: 'process_taken_hold_of', script: '$S/deeds attach', shows: '"action":"ptrace_attach"' },
  { rule: 'process_memory_written', script: '$S/deeds write', shows: '"bytes":"8"' },
  {
    rule: 'security_service_signalled',
    script: `cp /bin/sleep $S/auditd; $S/auditd 60 &
      until [ "$(readlink /proc/$!/exe)" = $S/auditd ]; do :; done; kill $!; wait $! || true`,
    shows: '"signal_name":"SIGTERM"',
  },
  {
    rule: 'user_namespace_by_user',
    script: 'setpriv --reuid 4321 --clear-groups unshare --user true',
    shows: '"namespaces":"user"',
  },
  {
    rule: 'process_hidden_by_mount',
    script: 'mkdir $S/nothing; mount --bind $S/nothing /proc/$$',
    shows: '"target":"/proc/',
  },
  { rule: 'code_written_by_temporary_program', script: '$S/deeds code', shows: '"action":"mmap"' },
  { rule: 'bpf_by_temporary_program', script: '$S/deeds bpf', shows: '"type":"socket_filter"' },
  { rule: 'io_uring_by_temporary_program', script: '$S/deeds ring', shows: '"entries":"4"' },
];

/** Rules on what cannot be known without eBPF, and why. */
const NO_KERNEL_EVENTS =
  '`kernel_events` and its views, `dns_events` and `exec_failed_events` stay empty';
const RULES_LEFT_OUT: Readonly<Record<string, string>> = {
  // How many names its file has is looked up after the fact.
  exec_without_file: 'and one that has execed again shows its later image',
  shell_connects: 'What ends between two looks is told by the kernel without saying whose it was',
  credentials_unexplained: NO_KERNEL_EVENTS,
  process_taken_hold_of: NO_KERNEL_EVENTS,
  process_memory_written: NO_KERNEL_EVENTS,
  security_service_signalled: NO_KERNEL_EVENTS,
  user_namespace_by_user: NO_KERNEL_EVENTS,
  process_hidden_by_mount: NO_KERNEL_EVENTS,
  code_written_by_temporary_program: NO_KERNEL_EVENTS,
  bpf_by_temporary_program: NO_KERNEL_EVENTS,
  io_uring_by_temporary_program: NO_KERNEL_EVENTS,
};

const detects = (rule: string): string => `${rule} detects the thing, once`;
const EXPLAINED = 'a detection is listed, acknowledged and explained by the commands';
const LEFT_OUT: LeftOut = {
  ...Object.fromEntries(Object.entries(RULES_LEFT_OUT).map(([rule, why]) => [detects(rule), why])),
  // The detection that it explains is that of a shell that connects.
  [EXPLAINED]: RULES_LEFT_OUT.shell_connects ?? '',
  // A file's making shows the setuid bit that it got later.
  'finds nothing else': 'values of the file are those it had then',
};

/** What looks a little like the above and is none of it. */
const HARMLESS = `
  cp /bin/true $S/program; $S/program /dev/tcp/; chmod 755 $S/program
  mkdir $S/etc; : > $S/etc/passwd; rm $S/etc/passwd; cat /etc/passwd > /dev/null
  sleep 60 & kill -0 $!; kill $!; wait $! || true
  mkdir $S/place; mount -t tmpfs none $S/place; umount $S/place; setpriv --reuid 4321 --clear-groups true
  ls -l /etc/cron.d /etc/systemd > /dev/null; sh -c 'echo curl; echo "x | y" | cat > /dev/null'
  true`;

forEachProvider('live: some of the shipped rules', LEFT_OUT, (provider, it) => {
  const deeds = DEEDS.filter(({ rule }) => provider === 'ebpf' || !(rule in RULES_LEFT_OUT));
  let watch: Watch;
  let results: Database.Database;

  before(async function () {
    this.timeout(120_000);
    watch = await Watch.start({ provider, packs: { '*': PACKS } });
    results = new Database(join(watch.daemon.stateDir, 'results.db'), { readonly: true });
    watch.compile('deeds');
    await act({ rule: 'harmless', script: HARMLESS, shows: '' });
    for (const deed of deeds) await act(deed);
  });

  after(async () => {
    results?.close();
    await watch?.stop();
  });

  async function act(deed: Deed): Promise<void> {
    const { shell = '/bin/sh' } = deed;
    const script = join(watch.scratch, `${deed.rule}.script`);
    // Without eBPF processes and mounts are looked up while they are there.
    const stay = provider === 'ebpf' ? '' : 'sleep 0.5';
    writeFileSync(script, `set -e\nS=${watch.scratch}\n${stay}\n${deed.script}\n${stay}\n`);
    rmSync(join(watch.scratch, 'met'), { force: true });
    const acting = watch.run('/usr/bin/unshare', '--mount', shell, script);
    if (deed.script.includes(PROBE)) {
      const probes = `SELECT max(seq) AS seq FROM process_file_events WHERE path LIKE '%/${PROBE}'`;
      const [before] = await watch.daemon.query(probes);
      await eventually(
        () => watch.daemon.query(probes),
        ([row]) => Number(row?.seq ?? 0) > Number(before?.seq ?? 0),
      );
      writeFileSync(join(watch.scratch, 'met'), '');
    }
    const { code } = await acting;
    assert.equal(code, 0, deed.rule);
  }

  const detections = (rule: string): string[] =>
    results
      .prepare("SELECT row FROM detections WHERE rule LIKE ? ESCAPE '\\'")
      .pluck()
      .all(`%\\_${rule}`) as string[];

  for (const { rule, shows } of DEEDS) {
    it(detects(rule), async () => {
      const rows = await eventually(
        () => detections(rule),
        (found) => found.length > 0,
        PATIENCE_MS,
      );
      assert.equal(rows.length, 1, rows.join('\n'));
      assert.ok(rows[0]?.includes(shows), String(rows[0]));
    });
  }

  it(EXPLAINED, async () => {
    const weir = (...args: string[]): string =>
      execFileSync(process.execPath, [WEIR, ...args, '--state-dir', watch.daemon.stateDir], {
        encoding: 'utf8',
      });
    const listed = JSON.parse(weir('detections', '--json')) as { id: number; rule: string }[];
    const id = `${listed.find(({ rule }) => rule.endsWith('_shell_connects'))?.id}`;
    weir('detections', 'acknowledge', id);
    const [acknowledged] = JSON.parse(weir('detections', '--status', 'acknowledged', '--json'));
    assert.deepEqual(
      [`${acknowledged.id}`, acknowledged.count, acknowledged.row.remote_port],
      [id, 1, '1'],
    );
    const sql = "SELECT id FROM detections WHERE status = 'acknowledged'";
    assert.equal(`${await watch.daemon.value(sql)}`, id);
    const explained = weir('explain', id);
    // The subshell that connected, below the script that it belongs to, and what it did.
    assert.match(explained, /└─ [^▶]*shell_connects\.script\n *└─ ▶ bash\[\d+\]/);
    assert.match(explained, /bash\[\d+\] .*connect .*→ 127\.0\.0\.1:1 \(failed\)/);
    const page = join(watch.daemon.stateDir, 'page.html');
    assert.equal(weir('explain', id, '--html', page), '');
    assert.equal(statSync(page).mode & 0o777, 0o600);
    const browser = await Browser.start();
    try {
      await browser.open(page);
      const drawn = (selector: string): string =>
        `[...document.querySelectorAll('${selector}')].map((each) => each.textContent).join()`;
      const own = String(await browser.value(drawn('#tree .node.own')));
      assert.match(own, /bash\[\d+\]/);
      const sockets = String(await browser.value(drawn('#timeline .mark.socket')));
      assert.match(sockets, /connect .*→ 127\.0\.0\.1:1 \(failed\)/);
      assert.deepEqual(browser.complaints, []);
    } finally {
      await browser.stop();
    }
    const file = `${listed.find(({ rule }) => rule.endsWith('_cron_persistence'))?.id}`;
    assert.match(weir('explain', file), /created? \/etc\/cron\.d\/job/);
  });

  it('finds nothing else', () => {
    const all = results.prepare('SELECT rule, row FROM detections').all();
    assert.equal(all.length, deeds.length, JSON.stringify(all, null, 1));
  });
});
