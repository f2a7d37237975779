import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { makeLogger } from '../../src/config/log.ts';
import { type LogLine, osqueryFormat } from '../../src/results/log-line.ts';
import { openResultStore } from '../../src/results/open.ts';
import { Outbox, type OutboxOptions } from '../../src/results/outbox.ts';
import { FileSink } from '../../src/results/sinks/file-sink.ts';
import type { Sink } from '../../src/results/sinks/sink.ts';
import { StreamSink } from '../../src/results/sinks/stream-sink.ts';
import type { ResultStore } from '../../src/results/store.ts';
import type { QueryState } from '../../src/results/types.ts';
import { eventually } from '../helpers/eventually.ts';

/** Keeps what it gets; fails or hangs as told. */
class TestSink implements Sink {
  readonly name: string;
  readonly got: LogLine[] = [];
  failures = 0;
  hang = false;

  constructor(name: string) {
    this.name = name;
  }

  async deliver(lines: readonly LogLine[], signal: AbortSignal): Promise<void> {
    if (this.hang) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw new Error('hung');
    }
    if (this.failures-- > 0) throw new Error('refused');
    this.got.push(...lines);
  }

  async close(): Promise<void> {}
}

describe('Outbox', () => {
  let folder: string;
  let store: ResultStore;
  let state: QueryState | null;
  let outbox: Outbox | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-outbox-'));
    store = await openResultStore({ client: 'sqlite', path: join(folder, 'results.db') }, 'h');
    state = null;
    outbox = undefined;
  });

  afterEach(async () => {
    await outbox?.stop(0);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function makeOutbox(sinks: readonly Sink[], options: Partial<OutboxOptions> = {}): Outbox {
    const log = makeLogger({ level: 'silent', terminal: false, write: () => {} });
    const format = osqueryFormat({ hostIdentifier: 'h' });
    const routes = sinks.map((sink) => ({ sink, format }));
    outbox = new Outbox({ store, routes, log, firstRetryMs: 1, lastRetryMs: 5, ...options });
    return outbox;
  }

  async function record(kind: 'events' | 'snapshot', ...values: string[]): Promise<void> {
    const action = kind === 'snapshot' ? 'snapshot' : 'added';
    const after: QueryState = {
      sqlHash: 'h',
      epoch: 0,
      counter: (state?.counter ?? 0) + 1,
      cursor: null,
      ranAt: 1000,
    };
    const rows = values.map((value) => ({ action, columns: JSON.stringify({ value }) }) as const);
    const base = { name: 'q', kind, numerics: false, decorations: {} };
    await store.commit({ ...base, before: state, after, rows });
    state = after;
  }

  const values = (lines: readonly LogLine[]): string[] =>
    lines.map((line) => JSON.parse(line.text).columns.value);

  it('delivers in order, across batches and runs', async () => {
    const sink = new TestSink('t');
    const box = makeOutbox([sink], { batchRows: 2 });
    await box.start();
    await record('events', 'a', 'b', 'c');
    await record('events', 'd');
    box.wake();
    await eventually(
      () => sink.got.length,
      (count) => count >= 4,
    );
    assert.deepEqual(values(sink.got), ['a', 'b', 'c', 'd']);
    assert.equal(new Set(sink.got.map((line) => line.id)).size, 4);
  });

  it('tries again until the sink works, missing nothing', async () => {
    const sink = new TestSink('t');
    sink.failures = 3;
    const box = makeOutbox([sink]);
    await box.start();
    await record('events', 'a');
    box.wake();
    await eventually(
      () => sink.got.length,
      (count) => count >= 1,
    );
    assert.deepEqual(values(sink.got), ['a']);
    const [after] = await eventually(
      () => box.states(),
      ([one]) => one?.failures === 0,
    );
    assert.deepEqual(after, { name: 't', delivered: 1, failures: 0, error: '' });
  });

  it('lets a hanging sink hold up nobody else', async () => {
    const hung = new TestSink('hung');
    hung.hang = true;
    const fine = new TestSink('fine');
    const box = makeOutbox([hung, fine], { timeoutMs: 20 });
    await box.start();
    await record('events', 'a');
    box.wake();
    await eventually(
      () => fine.got.length,
      (count) => count >= 1,
    );
    assert.deepEqual(values(fine.got), ['a']);
    const states = await eventually(
      () => box.states(),
      ([one]) => (one?.failures ?? 0) > 0,
    );
    assert.equal(states[0]?.error, 'delivery took too long');
    hung.hang = false;
    await eventually(
      () => hung.got.length,
      (count) => count >= 1,
    );
    assert.deepEqual(values(hung.got), ['a']);
  });

  it('goes on after a restart where it was', async () => {
    const first = new TestSink('t');
    await makeOutbox([first]).start();
    await record('events', 'a');
    outbox?.wake();
    await eventually(
      () => first.got.length,
      (count) => count >= 1,
    );
    await outbox?.stop(1000);
    await record('events', 'b');
    const second = new TestSink('t');
    await makeOutbox([second]).start();
    await eventually(
      () => second.got.length,
      (count) => count >= 1,
    );
    assert.deepEqual(values(second.got), ['b']);
  });

  it('delivers what waits before it stops', async () => {
    const sink = new TestSink('t');
    const box = makeOutbox([sink]);
    await box.start();
    await record('events', 'a');
    await box.stop(5000);
    assert.deepEqual(values(sink.got), ['a']);
  });

  it('writes result and snapshot files, also after they were rotated', async () => {
    const log = join(folder, 'log');
    const box = makeOutbox([new FileSink(log)]);
    await box.start();
    await record('events', 'a');
    await record('snapshot', 'b');
    box.wake();
    const results = join(log, 'weir.results.log');
    const delivered = (count: number) =>
      eventually(
        () => box.states()[0]?.delivered,
        (rows) => rows === count,
      );
    await delivered(2);
    assert.equal(statSync(results).mode & 0o777, 0o640);
    assert.match(readFileSync(join(log, 'weir.snapshots.log'), 'utf8'), /^\{"snapshot":\[.*\}\n$/);
    renameSync(results, `${results}.1`);
    await record('events', 'c');
    box.wake();
    await delivered(3);
    assert.equal(JSON.parse(readFileSync(`${results}.1`, 'utf8')).columns.value, 'a');
    assert.equal(JSON.parse(readFileSync(results, 'utf8')).columns.value, 'c');
  });

  it('writes to a stream, and fails when nobody reads it', async () => {
    let text = '';
    const stream = new Writable({
      write(chunk, _, done) {
        text += String(chunk);
        done();
      },
    });
    const sink = new StreamSink('stdout', stream);
    const line = { id: '1', kind: 'result', query: 'q', severity: null, text: '{}' } as const;
    await sink.deliver([line]);
    assert.equal(text, '{}\n');
    stream.destroy(new Error('EPIPE'));
    await assert.rejects(sink.deliver([line]));
  });
});
