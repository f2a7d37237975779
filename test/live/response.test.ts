import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcess } from '../../src/detect/response/process-list.ts';
import { native } from '../../src/native/addon.ts';
import { eventually } from '../helpers/eventually.ts';
import { endingWith, plantVictims } from '../helpers/victims.ts';
import { Watch } from '../helpers/watch.ts';
import type { Row } from '../helpers/weir-daemon.ts';

const FILES = 60;

/** The letter that /proc tells of a process; '' when there is none. */
function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return '';
  }
}

const isGone = (pid: number): boolean => ['', 'Z', 'X'].includes(stateOf(pid));

describe('live: responses', function () {
  this.timeout(120_000);
  let watch: Watch;
  let behave: string;
  let files: string;
  const started: ChildProcess[] = [];

  async function begin(config: Readonly<Record<string, unknown>>): Promise<void> {
    watch = await Watch.start(config);
    behave = watch.compile('behave');
    files = join(watch.scratch, 'files');
  }
  const responses = (atLeast: number, where = '1'): Promise<Row[]> =>
    watch.rows(
      `SELECT rule, action, place, outcome, reason, pid, command, exit_code, path FROM response_events
       WHERE ${where} ORDER BY id`,
      atLeast,
    );
  const pidsOf = (stdout: string, table: string): number[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((said) => said.table === table)
      .map(({ pid }) => pid);
  afterEach(() => rmSync(files ?? '/nonexistent', { recursive: true, force: true }));

  describe('of the kernel program', () => {
    const KILL = { ransomware: { respond: 'kill' } };
    afterEach(() => watch.stop());

    it('kills the process, and weir the rest of its tree', async () => {
      await begin({ behavior: KILL, response: { enabled: true } });
      plantVictims(files, FILES);
      const { pid, stdout } = await watch.run(behave, 'with_child', files, '0', String(FILES));
      assert.equal(endingWith(files, '.locked'), 50);
      const [child] = pidsOf(stdout, 'child') as [number];
      await eventually(
        () => isGone(child),
        (gone) => gone,
      );
      const rows = await responses(2);
      assert.deepEqual(
        rows.map(({ rule, action, place, outcome, reason, pid }) => ({
          ...{ rule, action, place, outcome, reason, pid },
        })),
        [
          { rule: 'ransomware', action: 'kill', place: 'kernel', outcome: 'done', reason: '', pid },
          {
            ...{ rule: 'ransomware', action: 'kill', place: 'weir', outcome: 'done', reason: '' },
            pid: child,
          },
        ],
      );
    });

    it('stops, and the process can go on', async () => {
      const behavior = { ransomware: { respond: 'stop' } };
      await begin({ behavior, response: { enabled: true } });
      plantVictims(files, FILES);
      const run = watch.run(behave, 'in_place', files, '0', String(FILES));
      const [row] = await responses(1);
      assert.deepEqual([row?.action, row?.outcome], ['stop', 'done']);
      const pid = Number(row?.pid);
      assert.equal(stateOf(pid), 'T');
      assert.equal(endingWith(files, '.locked'), 50);
      process.kill(pid, 'SIGCONT');
      assert.equal((await run).code, 0);
      assert.equal(endingWith(files, '.locked'), FILES);
    });

    for (const [name, response, expected] of [
      [
        'says what it would do',
        { enabled: true, dry_run: true },
        { outcome: 'dry_run', reason: '' },
      ],
      [
        'leaves protected executables alone',
        { enabled: true },
        { outcome: 'refused', reason: 'protected' },
      ],
    ] as const) {
      it(name, async () => {
        // The path has to be known before the daemon starts.
        await begin({});
        const scratch = watch;
        const kept = behave;
        const more = name.includes('protected') ? { protected: [kept] } : {};
        const second = await Watch.start({ behavior: KILL, response: { ...response, ...more } });
        try {
          plantVictims(files, FILES);
          const { code, pid } = await second.run(kept, 'in_place', files, '0', String(FILES));
          assert.equal(code, 0);
          assert.equal(endingWith(files, '.locked'), FILES);
          const rows = await second.rows(
            `SELECT place, outcome, reason, pid FROM response_events WHERE place = 'kernel'`,
            1,
          );
          assert.deepEqual(rows, [{ place: 'kernel', ...expected, pid }]);
        } finally {
          await second.stop();
          watch = scratch;
        }
      });
    }

    it('does no more than its limit, and nothing at all unless enabled', async () => {
      await begin({ behavior: KILL, response: { enabled: true, limit: 1, limit_interval: '1h' } });
      plantVictims(files, FILES);
      await watch.run(behave, 'in_place', files, '0', String(FILES));
      rmSync(files, { recursive: true });
      plantVictims(files, FILES);
      const { code, pid } = await watch.run(behave, 'in_place', files, '0', String(FILES));
      assert.equal(code, 0);
      const rows = await responses(2, "place = 'kernel'");
      assert.deepEqual(
        rows.map(({ outcome, reason }) => [outcome, reason]),
        [
          ['done', ''],
          ['refused', 'rate_limit'],
        ],
      );
      assert.equal(rows[1]?.pid, pid);
      await watch.stop();

      await begin({ behavior: KILL });
      plantVictims(files, FILES);
      assert.equal((await watch.run(behave, 'in_place', files, '0', String(FILES))).code, 0);
      const told = await watch.rows('SELECT action, asked, outcome FROM behavior_events', 1);
      assert.deepEqual(told, [{ action: 'ransomware', asked: null, outcome: null }]);
    });
  });

  describe('of rules', () => {
    let out: string;
    const rule = (marker: string, respond: unknown) => ({
      query: `SELECT pid, process_id, executable AS path FROM process_file_events
        WHERE operation = 'create' AND path LIKE '%/${marker}'`,
      mode: 'streaming',
      severity: 'high',
      respond,
    });
    before(async () => {
      out = join('/tmp', `weir-response-${process.pid}`);
      mkdirSync(out);
      const script = join(out, 'take');
      writeFileSync(script, '#!/bin/sh\ncat > "$1"\nexit 3\n', { mode: 0o755 });
      await begin({
        response: {
          enabled: true,
          limit: 100,
          commands: {
            take: { command: script, arguments: [join(out, 'a b; said')] },
            hang: { command: '/bin/sleep', arguments: ['1000'], timeout_ms: 200 },
          },
        },
        schedule: {
          stop_it: rule('stop-now', 'stop'),
          kill_it: rule('kill-now', 'kill'),
          exec_it: rule('exec-now', { exec: 'take' }),
          hang_it: rule('hang-now', { exec: 'hang' }),
          none_it: rule('none-now', { exec: 'nobody' }),
          spare_it: rule('spare-now', 'kill'),
        },
        exclude: [{ scope: 'response', query: 'spare_it', reason: 'left alone' }],
      });
    });
    after(async () => {
      for (const child of started) child.kill('SIGKILL');
      rmSync(out, { recursive: true, force: true });
      await watch.stop();
    });

    /** Processes of a family that has begun to wait, the eldest first. */
    async function family(marker: string): Promise<number[]> {
      const args = ['-c', 'read -r go && exec "$@"', 'sh', behave, 'family', join(out, marker)];
      const child = spawn('/bin/sh', args, { stdio: ['pipe', 'pipe', 'inherit'] });
      started.push(child);
      watch.cgroup.add(child.pid as number);
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.stdin.end('go\n');
      await eventually(
        () => pidsOf(said, 'family').length,
        (n) => n === 3,
      );
      return pidsOf(said, 'family').reverse();
    }

    it('stops a tree, whatever groups are in it; it can go on', async () => {
      const pids = await family('stop-now');
      for (const pid of pids) {
        await eventually(
          () => stateOf(pid),
          (state) => state === 'T',
        );
      }
      const rows = await responses(3, "rule = 'stop_it'");
      assert.deepEqual(new Set(rows.map(({ pid }) => pid)), new Set(pids));
      assert.ok(rows.every(({ action, outcome }) => action === 'stop' && outcome === 'done'));
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      for (const pid of pids) {
        await eventually(
          () => stateOf(pid),
          (state) => state === 'S',
        );
      }
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    });

    it('kills a tree', async () => {
      const pids = await family('kill-now');
      for (const pid of pids) {
        await eventually(
          () => isGone(pid),
          (gone) => gone,
        );
      }
      const rows = await responses(3, "rule = 'kill_it'");
      assert.deepEqual(new Set(rows.map(({ pid }) => pid)), new Set(pids));
    });

    it('runs a command with the detection on its standard input, no shell between', async () => {
      await watch.run('/usr/bin/touch', join(out, 'exec-now'));
      const [row] = await responses(1, "rule = 'exec_it'");
      assert.deepEqual(
        [row?.action, row?.outcome, row?.reason, row?.command, row?.exit_code],
        ['exec', 'failed', 'exit code 3', 'take', 3],
      );
      const said = JSON.parse(readFileSync(join(out, 'a b; said'), 'utf8'));
      assert.equal(said.rule, 'exec_it');
      assert.equal(said.severity, 'high');
      assert.equal(Number(said.row.pid), row?.pid);
    });

    it('leaves alone what an exclusion of responses holds for', async () => {
      const { code } = await watch.run('/usr/bin/touch', join(out, 'spare-now'));
      assert.equal(code, 0);
      const [row] = await responses(1, "rule = 'spare_it'");
      assert.deepEqual([row?.action, row?.outcome, row?.reason], ['kill', 'refused', 'excluded']);
    });

    it('ends a command that takes too long, and names one that there is not', async () => {
      await watch.run('/usr/bin/touch', join(out, 'hang-now'), join(out, 'none-now'));
      const [late] = await responses(1, "rule = 'hang_it'");
      assert.deepEqual([late?.outcome, late?.reason, late?.exit_code], ['failed', 'timeout', null]);
      const [none] = await responses(1, "rule = 'none_it'");
      assert.deepEqual([none?.outcome, none?.reason], ['refused', 'unknown_command']);
    });
  });
});

describe('live: signals by pidfd', () => {
  it('a pid that is somebody else’s by now gets no signal', async () => {
    const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const pid = child.pid as number;
    const begun = readProcess(pid)?.startTicks as number;
    // What began at another time had the pid before.
    assert.equal(native.signalProcess(pid, begun - 1, 9), 'ESRCH');
    assert.equal(native.signalProcess(pid, begun, 0), '');
    assert.ok(existsSync(`/proc/${pid}`));
    assert.equal(native.signalProcess(pid, begun, 9), '');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.equal(native.signalProcess(pid, begun, 9), 'ESRCH');
  });
});
