import assert from 'node:assert/strict';
import { makeLogger } from '../../src/config/log.ts';
import type { Feed, FeedSink } from '../../src/feeds/feed.ts';
import { HostSource } from '../../src/feeds/host-source.ts';
import { native } from '../../src/native/addon.ts';
import type { LossCounters } from '../../src/native/sensor.ts';
import { EventBatch } from '../../src/sensor/batch.ts';
import { BATCH_ROWS, CLASS_NAMES } from '../../src/sensor/schema.ts';

const HOST = CLASS_NAMES.indexOf('host');

class FakeFeed implements Feed {
  readonly name: string;
  readonly #why: string;
  sink: FeedSink | undefined;
  stopped = false;

  constructor(name: string, why = '') {
    this.name = name;
    this.#why = why;
  }

  start(sink: FeedSink): string {
    this.sink = sink;
    return this.#why;
  }

  drain(): void {}

  stop(): void {
    this.stopped = true;
  }
}

describe('feeds: the source beside the provider', () => {
  let now = 0;
  let before: LossCounters;
  const lines: string[] = [];
  const log = makeLogger({ write: (line) => void lines.push(line), terminal: true });
  const counted = (counter: keyof LossCounters): number =>
    (native.loss()[counter][HOST] ?? 0) - (before[counter][HOST] ?? 0);

  function source(rate: number, ...feeds: readonly Feed[]): HostSource {
    lines.length = 0;
    before = native.loss();
    return new HostSource({ feeds, rate, log, now: () => now });
  }

  const row = (tag: string) => ({ topic: 'syslog', source: 'journal', tag }) as const;

  it('says which feeds run, and why others do not', () => {
    const good = new FakeFeed('one');
    const made = source(0, good, new FakeFeed('two', 'no right'));
    assert.equal(made.coverage().covered, false);
    made.start(() => {});
    const { covered, tier, missing } = made.coverage();
    assert.deepEqual([covered, tier, missing], [true, 'one', ['two: no right']]);
    made.stop();
    assert.ok(good.stopped);
  });

  it('makes batches of rows, complete, and wakes once for those that wait', () => {
    let woken = 0;
    const made = source(0);
    made.start(() => woken++);
    made.emit({ ...row('a'), pid: 7, message: '' });
    made.emit({ ...row('b'), time_ns: 5n, uid: 1000 });
    assert.equal(woken, 1);
    const batch = new EventBatch(made.next() as never);
    assert.equal(made.next(), null);
    const text = (column: string, r: number) =>
      batch.text(column, batch.codes(column)[r] as number);
    assert.equal(batch.className, 'host');
    assert.deepEqual(
      [text('tag', 0), text('message', 0), text('boot_id', 0)],
      ['a', null, native.bootId()],
    );
    assert.deepEqual([...batch.u32('pid')], [7, 0]);
    assert.deepEqual([...batch.u32('uid')], [0xffffffff, 1000]);
    assert.equal(batch.i64('time_ns')[1], 5n);
    assert.equal(batch.i64('boottime_ns')[1], 0n, 'before this boot');
    const age = BigInt(Date.now()) * 1_000_000n - (batch.i64('time_ns')[0] as bigint);
    assert.ok(age >= 0n && age < 60_000_000_000n);
  });

  it('lets in so many rows a second of a topic, and five times that at once', () => {
    now = 0;
    const made = source(10);
    for (let i = 0; i < 60; i++) made.emit(row('x'));
    made.emit({ topic: 'hardware', source: 'kernel' });
    assert.deepEqual([counted('seen'), counted('rateLimited')], [61, 10]);
    now += 500;
    for (let i = 0; i < 10; i++) made.emit(row('x'));
    assert.deepEqual([counted('seen'), counted('rateLimited')], [71, 15]);
    assert.equal(made.next()?.rows, 56);
    assert.equal(lines.filter((line) => /rate_limit/.test(line)).length, 1, 'said once');
  });

  it('what waits is bounded, and what does not fit is counted', () => {
    const made = source(0);
    for (let i = 0; i < 20_000; i++) made.emit(row('x'));
    let rows = 0;
    for (let batch = made.next(); batch !== null; batch = made.next()) {
      assert.ok(batch.rows <= BATCH_ROWS);
      rows += batch.rows;
    }
    assert.equal(rows + counted('lostQueue'), 20_000);
    assert.ok(rows > 0 && counted('lostQueue') > 0);
    made.count('lostRing', 'user', 2);
    assert.deepEqual([counted('seen'), counted('lostRing'), counted('pending')], [20_002, 2, 0]);
  });
});
