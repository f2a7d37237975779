import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { EventBatch } from '../../src/sensor/batch.ts';
import { LiveTee } from '../../src/stream/tee.ts';
import { eventBatch } from '../helpers/batch.ts';

/** Turns of the event loop, by hand. */
class Turns {
  readonly #work: (() => void)[] = [];
  readonly later = (work: () => void): void => {
    this.#work.push(work);
  };
  run(): void {
    for (let work = this.#work.shift(); work !== undefined; work = this.#work.shift()) work();
  }
  next(): void {
    this.#work.shift()?.();
  }
}

const batch = (rows = 1): EventBatch => eventBatch('file', Array(rows).fill({ pid: 1 }));

describe('LiveTee', () => {
  it('hands every batch on at once, and to listeners a turn later', () => {
    const turns = new Turns();
    const live = new LiveTee({ later: turns.later });
    const got: EventBatch[] = [];
    live.subscribe({ next: (b) => got.push(b) });
    const batches = { a: batch(), b: batch() };
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    scheduler.run(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b|', batches).pipe(live.operator())).toBe('-a-b|', batches);
    });
    assert.equal(got.length, 0);
    turns.run();
    assert.deepEqual(got, [batches.a, batches.b]);
  });

  it('drops a listener that throws, tells so, and serves the others', () => {
    const turns = new Turns();
    const reported: unknown[] = [];
    const live = new LiveTee({ later: turns.later, onDropped: (error) => reported.push(error) });
    const failure = new Error('mine');
    let dropped: unknown;
    let calls = 0;
    let served = 0;
    live.subscribe({
      next: () => {
        calls++;
        throw failure;
      },
      dropped: (error) => {
        dropped = error;
        throw new Error('again');
      },
    });
    live.subscribe({ next: () => served++ });
    of(batch(), batch(), batch()).pipe(live.operator()).subscribe();
    turns.run();
    assert.deepEqual([calls, served, live.listeners], [1, 3, 1]);
    assert.equal(dropped, failure);
    assert.deepEqual(reported, [failure]);
  });

  it('lets who is behind miss the oldest, and says how many rows', () => {
    const turns = new Turns();
    const live = new LiveTee({ later: turns.later, waiting: 2 });
    const log: unknown[] = [];
    live.subscribe({ next: (b) => log.push(b.rows), missed: (rows) => log.push(`missed ${rows}`) });
    of(batch(1), batch(2), batch(3), batch(4)).pipe(live.operator()).subscribe();
    turns.run();
    assert.deepEqual(log, ['missed 3', 3, 4]);
  });

  it('serves one batch per turn', () => {
    const turns = new Turns();
    const live = new LiveTee({ later: turns.later });
    let got = 0;
    live.subscribe({ next: () => got++ });
    of(batch(), batch()).pipe(live.operator()).subscribe();
    turns.next();
    assert.equal(got, 1);
    turns.next();
    assert.equal(got, 2);
  });

  it('serves nothing after unsubscribing, and no batch without rows', () => {
    const turns = new Turns();
    const live = new LiveTee({ later: turns.later });
    let got = 0;
    const end = live.subscribe({ next: () => got++ });
    const empty = batch();
    empty.drop(0);
    of(empty).pipe(live.operator()).subscribe();
    turns.run();
    of(batch()).pipe(live.operator()).subscribe();
    end();
    end();
    turns.run();
    assert.deepEqual([got, live.listeners], [0, 0]);
  });
});
