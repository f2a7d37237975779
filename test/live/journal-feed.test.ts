import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { FeedSink, HostRow } from '../../src/feeds/feed.ts';
import { JournalFeed } from '../../src/feeds/journal-feed.ts';
import { JournaldSink } from '../../src/results/sinks/journald-sink.ts';
import { eventually } from '../helpers/eventually.ts';

/** A journal of its own, in a mount namespace where /run is new. */
const JOURNALD = `mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal &&
  exec /lib/systemd/systemd-journald`;
const LINE = { kind: 'result', query: 'q', severity: 'high' } as const;

describe('live: entries of the journal', () => {
  let journald: ChildProcess;
  let root: string;
  let feed: JournalFeed | undefined;
  const rows: HostRow[] = [];
  let own = 0;
  const sink: FeedSink = {
    emit: (row) => void rows.push(row),
    count: (stage, _topic, n) => {
      if (stage === 'excludedStream') own += n;
    },
    warn: () => {},
  };

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
    feed?.stop();
    if (journald.exitCode !== null) return;
    const ended = once(journald, 'exit');
    journald.kill();
    await ended;
  });

  async function write(identifier: string, ...texts: readonly string[]): Promise<void> {
    const journal = new JournaldSink({ socket: `${root}/run/systemd/journal/socket`, identifier });
    const lines = texts.map((text, i) => ({ ...LINE, id: `s-${i}`, text }));
    await journal.deliver(lines, new AbortController().signal);
    await journal.close();
  }

  const said = (): unknown[] => rows.map(({ message }) => message);

  it('what is new becomes rows, what weir wrote itself does not', async () => {
    await write('before', 'old');
    const folder = `${root}/run/log/journal`;
    // Entries of the test's own process: weir leaves out those of its process only.
    const pid = process.pid;
    Object.defineProperty(process, 'pid', { value: 1, configurable: true });
    try {
      feed = new JournalFeed({ ownIdentifier: 'weir', folder });
      assert.equal(feed.start(sink), '');
      // It follows once its first entry is seen.
      await eventually(
        async () => {
          await write('probe', 'probe');
          return said().includes('probe');
        },
        (seen) => seen,
      );
      await write('weir', 'own');
      await write('x', 'one', 'two\nlines', '\u0007bell');
      await eventually(
        () => rows.length,
        () => said().includes('\u0007bell') || said().some((m) => m instanceof Uint8Array),
      );
    } finally {
      Object.defineProperty(process, 'pid', { value: pid, configurable: true });
    }
    const mine = rows.filter(({ tag }) => tag === 'x');
    const text = mine.map(({ message }) =>
      message instanceof Uint8Array ? Buffer.from(message).toString() : message,
    );
    assert.deepEqual(text, ['one', 'two\nlines', '\u0007bell']);
    assert.ok(!said().includes('old') && !said().includes('own'));
    assert.ok(own > 0);
    const [row] = mine;
    assert.deepEqual(
      [row?.topic, row?.source, row?.severity, row?.uid],
      ['syslog', 'journal', 3, 0],
    );
    assert.ok(
      Number(row?.pid) > 0 && String(row?.path).endsWith('/node'),
      JSON.stringify(row?.path),
    );
  });
});
