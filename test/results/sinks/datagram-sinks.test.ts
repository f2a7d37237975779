import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LogLine } from '../../../src/results/log-line.ts';
import { JournaldSink } from '../../../src/results/sinks/journald-sink.ts';
import type { Sink } from '../../../src/results/sinks/sink.ts';
import { type SyslogOptions, SyslogSink } from '../../../src/results/sinks/syslog-sink.ts';
import { makeScratch, removeScratch } from '../../helpers/scratch.ts';
import { compileWorkload } from '../../helpers/workload.ts';

const LINE: LogLine = { id: 's-1-0', kind: 'result', query: 'q', severity: null, text: '{"a":1}' };

describe('sinks to local sockets', () => {
  let folder: string;
  let program: string;
  let socket: string;
  let receiver: ChildProcess | undefined;
  let sink: Sink | undefined;
  let datagrams: AsyncIterator<string>;
  const { signal } = new AbortController();

  before(() => {
    folder = makeScratch();
    program = compileWorkload('datagram_receiver', folder);
    socket = join(folder, 'log');
  });

  after(() => removeScratch(folder));

  afterEach(async () => {
    await sink?.close();
    await stopReceiver();
  });

  async function startReceiver(): Promise<void> {
    receiver = spawn(program, [socket], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: receiver.stdout as NodeJS.ReadableStream });
    datagrams = lines[Symbol.asyncIterator]();
    assert.equal((await datagrams.next()).value, 'ready');
  }

  async function stopReceiver(): Promise<void> {
    const child = receiver;
    receiver = undefined;
    if (child === undefined) return;
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }

  const next = async (): Promise<string> =>
    Buffer.from(String((await datagrams.next()).value).replace(/^F/, ''), 'hex').toString();

  function syslog(options: Partial<SyslogOptions> = {}): Sink {
    sink = new SyslogSink({ socket, facility: 'local3', tag: 'weir', cee: false, ...options });
    return sink;
  }

  const journald = (): Sink => {
    sink = new JournaldSink({ socket, identifier: 'weir' });
    return sink;
  };

  it('syslog gets what syslog(3) sends', async () => {
    await startReceiver();
    await syslog().deliver([LINE, { ...LINE, severity: 'critical' }], signal);
    const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
    const form = `${month} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d weir\\[${process.pid}\\]: \\{"a":1\\}$`;
    assert.match(await next(), new RegExp(`^<158>${form}`));
    assert.match(await next(), new RegExp(`^<154>${form}`));
  });

  it('syslog says that JSON follows when asked to', async () => {
    await startReceiver();
    await syslog({ cee: true, facility: 'user', tag: 'x' }).deliver([LINE], signal);
    assert.match(await next(), /^<14>.* x\[\d+\]: @cee:\{"a":1\}$/);
  });

  it('journald gets fields, with a length where a value has line ends', async () => {
    await startReceiver();
    await journald().deliver([{ ...LINE, query: 'two\nlines', severity: 'high' }], signal);
    const length = '\t\0\0\0\0\0\0\0';
    assert.equal(
      await next(),
      'MESSAGE={"a":1}\nPRIORITY=3\nSYSLOG_IDENTIFIER=weir\nWEIR_KIND=result\n' +
        `WEIR_QUERY\n${length}two\nlines\nWEIR_LINE_ID=s-1-0\nWEIR_SEVERITY=high\n`,
    );
  });

  it('journald gets what is too large for a datagram in a file', async () => {
    await startReceiver();
    const text = JSON.stringify({ a: 'x'.repeat(20_000_000) });
    await journald().deliver([{ ...LINE, text }], signal);
    const entry = await next();
    assert.equal(entry.split('\n', 1)[0], `MESSAGE=${text}`);
  });

  it('fail while nobody listens, and work again with the next receiver', async () => {
    const made = syslog();
    await assert.rejects(made.deliver([LINE], signal), /ENOENT|ECONNREFUSED/);
    await startReceiver();
    await made.deliver([LINE], signal);
    assert.match(await next(), /"a":1/);
    await stopReceiver();
    await assert.rejects(made.deliver([LINE], signal), /ECONNREFUSED/);
    await startReceiver();
    await made.deliver([{ ...LINE, text: '{"b":2}' }], signal);
    assert.match(await next(), /"b":2/);
  });

  it('wait for a receiver that is behind, and lose nothing', async () => {
    await startReceiver();
    const count = 3000;
    const lines = Array.from({ length: count }, (_, i) => ({ ...LINE, text: `{"n":${i}}` }));
    const delivered = syslog().deliver(lines, signal);
    const numbers: number[] = [];
    while (numbers.length < count) numbers.push(Number(/"n":(\d+)/.exec(await next())?.[1]));
    await delivered;
    assert.deepEqual(
      numbers,
      lines.map((_, i) => i),
    );
  });
});
