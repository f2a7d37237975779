import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { LogLine } from '../../src/results/log-line.ts';
import { JournaldSink } from '../../src/results/sinks/journald-sink.ts';
import { SyslogSink } from '../../src/results/sinks/syslog-sink.ts';
import { eventually } from '../helpers/eventually.ts';

/** A journal of its own, in a mount namespace where /run is new. */
const JOURNALD = `mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal &&
  exec /lib/systemd/systemd-journald`;
const LINE: LogLine = {
  id: 's-1-0',
  kind: 'result',
  query: 'pack_p_q',
  severity: 'high',
  text: '{"a":1}',
};

type Entry = Readonly<Record<string, string>>;

describe('live: systemd-journald', () => {
  let journald: ChildProcess;
  let root: string;
  const { signal } = new AbortController();

  before(async () => {
    const args = ['-m', '--propagation', 'private', 'sh', '-c', JOURNALD];
    journald = spawn('unshare', args, { stdio: 'ignore' });
    root = `/proc/${journald.pid}/root`;
    const ready = await eventually(
      () => existsSync(`${root}/run/systemd/journal/dev-log`),
      (there) => there,
    );
    assert.ok(ready, 'systemd-journald does not start');
  });

  after(async () => {
    if (journald.exitCode !== null) return;
    const ended = once(journald, 'exit');
    journald.kill();
    await ended;
  });

  const entries = (count: number, ...matches: readonly string[]): Promise<Entry[]> =>
    eventually(
      () => {
        const args = [
          '-D',
          `${root}/run/log/journal`,
          '-o',
          'json',
          '--all',
          '--no-pager',
          ...matches,
        ];
        const text = execFileSync('journalctl', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
        return text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Entry);
      },
      (all) => all.length >= count,
    );

  it('takes lines with their fields, however long they are', async () => {
    const sink = new JournaldSink({
      socket: `${root}/run/systemd/journal/socket`,
      identifier: 'w',
    });
    const long = JSON.stringify({ a: 'x'.repeat(600_000) });
    await sink.deliver([LINE, { ...LINE, id: 's-1-1', text: long, severity: null }], signal);
    await sink.close();
    const found = await entries(2, 'SYSLOG_IDENTIFIER=w');
    assert.deepEqual(
      found.map((e) => [e.WEIR_LINE_ID, e.WEIR_QUERY, e.WEIR_SEVERITY, e.PRIORITY, e._TRANSPORT]),
      [
        ['s-1-0', 'pack_p_q', 'high', '3', 'journal'],
        ['s-1-1', 'pack_p_q', undefined, '6', 'journal'],
      ],
    );
    assert.deepEqual(
      found.map((e) => e.MESSAGE),
      ['{"a":1}', long],
    );
    assert.equal((await entries(1, 'WEIR_SEVERITY=high')).length, 1);
  });

  it('takes syslog lines with facility, priority and tag', async () => {
    const socket = `${root}/run/systemd/journal/dev-log`;
    const sink = new SyslogSink({ socket, facility: 'local3', tag: 'tagged', cee: false });
    await sink.deliver([LINE], signal);
    await sink.close();
    const [entry] = await entries(1, 'SYSLOG_IDENTIFIER=tagged');
    const { MESSAGE, PRIORITY, SYSLOG_FACILITY, SYSLOG_PID } = entry ?? {};
    assert.deepEqual(
      [MESSAGE, PRIORITY, SYSLOG_FACILITY, SYSLOG_PID],
      ['{"a":1}', '3', '19', String(process.pid)],
    );
  });
});
