import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { makeScratch, removeScratch } from '../helpers/scratch.ts';
import { WEIR, WeirDaemon } from '../helpers/weir-daemon.ts';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('live: weir doctor', () => {
  let daemon: WeirDaemon;
  let state: string;

  before(async () => {
    state = makeScratch();
    daemon = await WeirDaemon.start(state, {
      collect: { dns: false },
      file_paths: { none: [join(state, 'nothing/%%')] },
    });
  });
  after(async () => {
    await daemon?.stop();
    removeScratch(state);
  });

  const doctorIn = (dir: string, ...words: string[]): Ran =>
    spawnSync(process.execPath, [WEIR, 'doctor', ...words], {
      encoding: 'utf8',
      input: '',
      env: {
        ...process.env,
        WEIR_STATE_DIR: dir,
        ...(existsSync(join(dir, 'test-config.json'))
          ? { WEIR_CONFIG: join(dir, 'test-config.json') }
          : {}),
      },
    });
  const doctor = (...words: string[]): Ran => doctorIn(state, ...words);
  const findings = ({ stdout }: Ran): readonly Finding[] => JSON.parse(stdout).findings;

  it('examines host, hooks and other sensors', () => {
    const ran = doctor('--json');
    const found = findings(ran);
    assert.equal(ran.status, 0, ran.stdout);
    const areas = new Set(found.map(({ area }) => area));
    for (const area of ['daemon', 'kernel', 'BTF', 'lockdown', 'rights', 'tracefs', 'memlock']) {
      assert.ok(areas.has(area), area);
    }
    for (const area of ['cgroups', 'disk', 'boot guard', 'sensors', 'audit']) {
      assert.ok(areas.has(area), area);
    }
    const daemonText = found.find(({ area }) => area === 'daemon')?.text ?? '';
    assert.match(daemonText, new RegExp(`pid ${daemon.pid}, provider ebpf`));
  });

  it('shows the hook of every event', () => {
    const { events } = JSON.parse(doctor('--json').stdout);
    const open = events.find(({ event }: { event: string }) => event === 'open');
    assert.match(open.tier, /^(?:trampoline|kprobe|tracepoint)$/);
    assert.ok(open.hooks.length > 0);
    if (open.tier !== 'trampoline') assert.notEqual(open.whyNotBetter, '');
    const { stdout } = doctor();
    assert.match(stdout, /^event +tier +hook$/m);
    assert.match(stdout, new RegExp(`^open +${open.tier} +\\S+`, 'm'));
  });

  it('why is a table empty: its class is off', () => {
    const ran = doctor('dns_events', '--json');
    assert.equal(ran.status, 1);
    const problem = findings(ran).find(({ level }) => level === 'problem');
    assert.match(problem?.text ?? '', /"collect\.dns" is false/);
    assert.match(problem?.remedy ?? '', /"collect\.dns": true/);
  });

  it('why is a table empty: nothing is in the categories', () => {
    writeFileSync(join(state, 'some-file'), 'x');
    const ran = doctor('file_events');
    assert.equal(ran.status, 0, ran.stdout);
    assert.match(ran.stdout, /"file_paths" is configured \(none\): only what matches is shown/);
  });

  it('tells of a table with rows, of one that has to be constrained, and of one made when asked', () => {
    assert.match(doctor('process_events').stdout, /class process is watched/);
    assert.match(doctor('file').stdout, /WHERE .*path/);
    assert.match(doctor('users').stdout, /\d+ rows now/);
    assert.match(doctor('weir_health').stdout, /1 rows now/);
  });

  it('wrong use is told on standard error, with 64', () => {
    for (const words of [['proces_events'], ['--yes'], ['--fix', '--clear-boot-guard']]) {
      const { status, stderr, stdout } = doctor(...words);
      assert.equal(status, 64, words.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /usage: weir doctor/);
    }
    assert.match(doctor('proces_events').stderr, /did you mean process_events/);
  });

  it('only root repairs audit rules', () => {
    const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { status, stderr, stdout } = spawnSync(
      'setpriv',
      [...nobody, process.execPath, WEIR, 'doctor', '--fix', '--yes'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 77, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^weir: .*run as root$/m);
  });

  it('a table of osquery’s that weir leaves out has its reason', () => {
    const { status, stderr } = doctor('curl');
    assert.equal(status, 1);
    assert.match(stderr, /weir does not have osquery's curl: /);
  });

  it('works without a daemon; the boot guard is told, and cleared on request', () => {
    const nobody = makeScratch();
    const marker = join(nobody, 'attach-guard.json');
    writeFileSync(marker, '{"damaged');
    const before = doctorIn(nobody, '--json');
    const guard = findings(before).find(({ area }) => area === 'boot guard');
    assert.equal(guard?.level, 'warning');
    assert.match(guard?.remedy ?? '', /--clear-boot-guard/);
    assert.equal(existsSync(marker), true, 'asking changes nothing');
    const table = doctorIn(nobody, 'process_events');
    assert.equal(table.status, 1);
    assert.match(table.stdout, /no daemon runs/);
    assert.match(doctorIn(nobody, '--clear-boot-guard').stdout, /^cleared: /);
    assert.equal(existsSync(marker), false);
    assert.match(doctorIn(nobody, '--clear-boot-guard').stdout, /nothing to clear/);
    removeScratch(nobody);
  });
});
