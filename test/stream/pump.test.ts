import assert from 'node:assert/strict';
import { identity, map, type OperatorFunction } from 'rxjs';
import type { NativeBatch } from '../../src/native/batch.ts';
import type { EventBatch } from '../../src/sensor/batch.ts';
import type { EventProvider } from '../../src/sensor/provider.ts';
import { debounce } from '../../src/stream/debounce.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { Pump } from '../../src/stream/pump.ts';
import { FakeRowKeeper, nativeBatch } from '../helpers/batch.ts';

class FakeProvider implements EventProvider {
  readonly name = 'fake';
  readonly queue: NativeBatch[] = [];
  readonly log: string[] = [];
  wake: () => void = () => {};
  onDrain: () => void = () => {};

  start(wake: () => void): void {
    this.wake = wake;
  }
  next(): NativeBatch | null {
    return this.queue.shift() ?? null;
  }
  configure(): void {}
  coverage() {
    return [];
  }
  hooks(): readonly [] {
    return [];
  }

  drain(): void {
    this.log.push('drain');
    this.onDrain();
  }
  stop(): void {
    this.log.push('stop');
  }
  offer(...batches: NativeBatch[]): void {
    const waited = this.queue.length > 0;
    this.queue.push(...batches);
    if (!waited) this.wake();
  }
}

const batch = (pid: number): NativeBatch =>
  nativeBatch('file', [{ pid, identity: 1n, time_ns: 1n, first_time_ns: 1n, op_id: 1n, count: 1 }]);
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Pump', () => {
  let provider: FakeProvider;
  let appended: number[];
  let failures: string[];
  const pump = (
    options: {
      pipeline?: OperatorFunction<EventBatch, EventBatch>;
      append?: (b: EventBatch) => void;
      turnMs?: number;
    } = {},
  ): Pump =>
    new Pump({
      provider,
      pipeline: identity,
      append: (b) => appended.push(b.u32('pid')[0] as number),
      guard: new StreamGuard((operator, error) => failures.push(`${operator}: ${error}`)),
      ...options,
    });

  beforeEach(() => {
    provider = new FakeProvider();
    appended = [];
    failures = [];
  });
  afterEach(() => assert.ok(provider.queue.length === 0, 'all was taken'));

  it('takes what waits at start, and what wakes it later', async () => {
    provider.queue.push(batch(1), batch(2));
    const running = pump();
    running.start();
    await turn();
    assert.deepEqual(appended, [1, 2]);
    provider.offer(batch(3));
    await turn();
    assert.deepEqual(appended, [1, 2, 3]);
    running.stop();
  });

  it('lets the event loop run between turns, and takes the rest afterwards', async () => {
    const running = pump({ turnMs: 0 });
    running.start();
    await turn();
    provider.offer(batch(1), batch(2), batch(3));
    await turn();
    assert.deepEqual(appended, [1], 'one batch, then others have their turn');
    await turn();
    await turn();
    assert.deepEqual(appended, [1, 2, 3]);
    running.stop();
  });

  it('appends everything before it stops: what is drained, and what the pipeline holds', () => {
    const counted: number[] = [];
    const running = pump({
      pipeline: debounce({
        windowMs: 60_000,
        entries: 1024,
        makeKeeper: (c) => new FakeRowKeeper(c),
        count: (_stage, _class, rows) => counted.push(rows),
        guard: new StreamGuard((_operator, error) => assert.fail(String(error))),
      }),
    });
    running.start();
    provider.onDrain = () => provider.queue.push(batch(1), batch(2), batch(3));
    running.stop();
    assert.deepEqual(appended, [1, 2], 'the first, and one summary of the second and third');
    assert.deepEqual(provider.log, ['drain', 'stop']);
    running.stop();
    assert.deepEqual(provider.log, ['drain', 'stop'], 'twice is once');
  });

  it('does not append a batch without rows', () => {
    const running = pump({
      pipeline: map((b) => {
        b.drop(0);
        return b;
      }),
    });
    running.start();
    provider.queue.push(batch(1));
    running.stop();
    assert.deepEqual(appended, []);
  });

  it('goes on when append or the pipeline throws', () => {
    let calls = 0;
    const running = pump({
      pipeline: map((b) => {
        if (b.u32('pid')[0] === 2) throw new Error('operator');
        return b;
      }),
      append: (b) => {
        calls++;
        if (calls === 1) throw new Error('append');
        appended.push(b.u32('pid')[0] as number);
      },
    });
    running.start();
    provider.queue.push(batch(1), batch(2), batch(3));
    running.stop();
    assert.deepEqual(appended, [3]);
    assert.deepEqual(failures, ['append: Error: append', 'pipeline: Error: operator']);
  });

  it('changes the pipeline between batches, flushing the old one', () => {
    const guard = new StreamGuard((_operator, error) => assert.fail(String(error)));
    const folded = () =>
      debounce({
        windowMs: 60_000,
        entries: 1024,
        makeKeeper: (c) => new FakeRowKeeper(c),
        count: () => {},
        guard,
      });
    const running = pump({ pipeline: folded() });
    running.start();
    provider.queue.push(batch(1), batch(2));
    running.drain();
    assert.deepEqual(appended, [1]);
    running.replace(identity);
    assert.deepEqual(appended, [1, 2]);
    provider.queue.push(batch(3));
    running.stop();
    assert.deepEqual(appended, [1, 2, 3]);
  });
});
