import assert from 'node:assert/strict';
import fc from 'fast-check';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { EventBatch } from '../../src/sensor/batch.ts';
import { type DebounceOptions, debounce } from '../../src/stream/debounce.ts';
import { StreamGuard } from '../../src/stream/guard.ts';
import { eventBatch, FakeRowKeeper, type Row, selectedValues } from '../helpers/batch.ts';

class Ledger {
  readonly keepers: FakeRowKeeper[] = [];
  pending = 0;
  coalesced = 0;
  failures: unknown[] = [];

  options(windowMs: number, entries = 1024): DebounceOptions {
    return {
      windowMs,
      entries,
      makeKeeper: (eventClass) => {
        const keeper = new FakeRowKeeper(eventClass);
        this.keepers.push(keeper);
        return keeper;
      },
      count: (stage, _class, rows) => {
        if (stage === 'pendingStream') this.pending += rows;
        else if (stage === 'coalesced') this.coalesced += rows;
        else assert.fail(stage);
      },
      guard: new StreamGuard((_operator, error) => this.failures.push(error)),
    };
  }
}

let clock = 0n;
/** Rows named by one letter each; equal letters are repeats of one thing, `.` never repeats. */
function rows(letters: string): Row[] {
  return [...letters].map((letter) => {
    clock++;
    return {
      identity: letter === '.' ? 0n : BigInt(letter.charCodeAt(0)) << 32n,
      target_path: letter,
      op_id: clock,
      time_ns: clock,
      first_time_ns: clock,
      count: 1,
    };
  });
}

/** `a:1` for each selected row: what it is, and how many events it stands for. */
const told = (batch: EventBatch): string =>
  selectedValues(batch, 'target_path')
    .map((path, i) => `${path}:${selectedValues(batch, 'count')[i]}`)
    .join(' ');

/** Which rows must stay in their batches, said in the plainest way. */
class Model {
  readonly #entries: number;
  readonly #windowMs: number;
  readonly #ends = { file: new Map<string, number>(), socket: new Map<string, number>() };

  constructor(entries: number, windowMs: number) {
    this.#entries = entries;
    this.#windowMs = windowMs;
  }

  selection(batch: EventBatch, letters: string, now: number): number[] {
    const ends = this.#ends[batch.className as 'file' | 'socket'];
    for (const [letter, end] of ends) if (end <= now) ends.delete(letter);
    return [...letters].map((letter, r) => {
      if (batch.selection[r] === 0) return 0;
      if (letter === '.') return 1;
      if (ends.has(letter)) return 0;
      const oldest = ends.keys().next().value;
      if (ends.size === this.#entries && oldest !== undefined) ends.delete(oldest);
      ends.set(letter, now + this.#windowMs);
      return 1;
    });
  }
}

const marbles = (test: (scheduler: TestScheduler) => void): void =>
  test(new TestScheduler((actual, expected) => assert.deepEqual(actual, expected)));

describe('debounce', () => {
  it('passes the first at once and folds repeats into one later row', () => {
    const ledger = new Ledger();
    marbles((s) => {
      s.run(({ cold, expectObservable }) => {
        const batches = { a: eventBatch('file', rows('a')), b: eventBatch('file', rows('ba')) };
        const repeat = { ...batches, c: eventBatch('file', rows('a')) };
        const source = cold('    -a--b-c-------------|', repeat);
        const expected = '       -a--b------S--------|';
        const told_ = { a: 'a:1', b: 'b:1', S: 'a:2' };
        expectObservable(source.pipe(debounce(ledger.options(10)), map(told))).toBe(
          expected,
          told_,
        );
      });
    });
    assert.deepEqual([ledger.pending, ledger.coalesced], [0, 1]);
  });

  it('opens a new window after one has closed', () => {
    const ledger = new Ledger();
    marbles((s) => {
      s.run(({ cold, expectObservable }) => {
        const one = () => eventBatch('file', rows('a'));
        const source = cold('a-b---------c-d----------|', {
          a: one(),
          b: one(),
          c: one(),
          d: one(),
        });
        const expected = '   a---------S-c---------S--|';
        expectObservable(source.pipe(debounce(ledger.options(10)), map(told))).toBe(expected, {
          a: 'a:1',
          c: 'a:1',
          S: 'a:1',
        });
      });
    });
    assert.deepEqual([ledger.pending, ledger.coalesced], [0, 0]);
  });

  it('flushes what waits when the source completes', () => {
    const ledger = new Ledger();
    marbles((s) => {
      s.run(({ cold, expectObservable }) => {
        const source = cold('a-|', { a: eventBatch('file', rows('aaab.b..')) });
        const expected = '   a-(S|)';
        expectObservable(source.pipe(debounce(ledger.options(10)), map(told))).toBe(expected, {
          a: 'a:1 b:1 .:1 .:1 .:1',
          S: 'a:2 b:1',
        });
      });
    });
    assert.deepEqual([ledger.pending, ledger.coalesced], [0, 1]);
    assert.deepEqual(
      ledger.keepers.map((k) => k.size),
      [0],
    );
  });

  it('leaves no timer behind when it is unsubscribed', () => {
    const ledger = new Ledger();
    marbles((s) => {
      s.run(({ cold, expectObservable }) => {
        const source = cold('a--', { a: eventBatch('file', rows('aa')) });
        const expected = '   a--';
        expectObservable(source.pipe(debounce(ledger.options(10)), map(told)), '---!').toBe(
          expected,
          { a: 'a:1' },
        );
      });
    });
    assert.equal(ledger.pending, 1);
  });

  it('closes the oldest window early when too many things are met', () => {
    const ledger = new Ledger();
    const letters = Array.from({ length: 4 }, (_, i) => String.fromCharCode(97 + i)).join('');
    const seen: string[] = [];
    marbles((s) => {
      s.run(({ cold }) => {
        const source = cold('a|', { a: eventBatch('file', rows(`aaa${letters}a`)) });
        source
          .pipe(debounce(ledger.options(10, 3)), map(told))
          .subscribe((text) => seen.push(text));
      });
    });
    // d pushes a out; the a after it is a first sight again.
    assert.deepEqual(seen, ['a:1 b:1 c:1 d:1 a:1', 'a:3']);
    assert.deepEqual([ledger.pending, ledger.coalesced], [0, 2]);
  });

  it('gives a summary the op_id of the first row, and the times of its repeats', () => {
    const ledger = new Ledger();
    const out: EventBatch[] = [];
    marbles((s) => {
      s.run(({ cold }) => {
        const [first, second, third] = rows('aaa') as [Row, Row, Row];
        const batch = eventBatch('file', [
          { ...first, op_id: -5n, time_ns: 100n },
          { ...second, time_ns: 200n, first_time_ns: 190n, count: 3 },
          { ...third, time_ns: 300n, first_time_ns: 300n },
        ]);
        cold('a|', { a: batch })
          .pipe(debounce(ledger.options(10)))
          .subscribe((b) => out.push(b));
      });
    });
    const summary = out[1] as EventBatch;
    assert.deepEqual(selectedValues(summary, 'op_id'), [-5n]);
    assert.deepEqual(selectedValues(summary, 'first_time_ns'), [190n]);
    assert.deepEqual(selectedValues(summary, 'time_ns'), [300n]);
    assert.deepEqual(selectedValues(summary, 'count'), [4]);
  });

  it('is nothing with a window of 0', () => {
    const ledger = new Ledger();
    const seen: string[] = [];
    marbles((s) => {
      s.run(({ cold }) => {
        cold('a|', { a: eventBatch('file', rows('aaa')) })
          .pipe(debounce(ledger.options(0)), map(told))
          .subscribe((text) => seen.push(text));
      });
    });
    assert.deepEqual(seen, ['a:1 a:1 a:1']);
  });

  it('loses no row when the keeper fails', () => {
    const ledger = new Ledger();
    const seen: string[] = [];
    const options: DebounceOptions = {
      ...ledger.options(10),
      makeKeeper: () => {
        throw new Error('out of memory');
      },
    };
    marbles((s) => {
      s.run(({ cold }) => {
        cold('a|', { a: eventBatch('file', rows('aab')) })
          .pipe(debounce(options), map(told))
          .subscribe((text) => seen.push(text));
      });
    });
    assert.deepEqual(seen, ['a:1 a:1 b:1']);
    assert.equal(ledger.failures.length, 1);
    assert.equal(ledger.pending, 0);
  });

  describe('with random streams', () => {
    const step = fc.record({
      wait: fc.nat({ max: 12 }),
      className: fc.constantFrom('file' as const, 'socket' as const),
      letters: fc.string({ unit: fc.constantFrom(...'abcdef.'), minLength: 1, maxLength: 8 }),
      excluded: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
    });
    const stream = fc.array(step, { maxLength: 25 });
    const entriesOf = fc.constantFrom(2, 3, 1024);
    const windowOf = fc.integer({ min: 1, max: 30 });

    it('stored + coalesced + excluded is seen, and no first sight is late', () => {
      fc.assert(fc.property(stream, entriesOf, windowOf, holds), { numRuns: 500 });
    });

    function holds(
      steps: readonly {
        wait: number;
        className: 'file' | 'socket';
        letters: string;
        excluded: number[];
      }[],
      entries: number,
      windowMs: number,
    ): void {
      const ledger = new Ledger();
      const model = new Model(entries, windowMs);
      const arrived = new Map<EventBatch, { frame: number; expected: number[] }>();
      const sum = { seen: 0, excluded: 0, stored: 0, events: 0 };
      let frame = 0;
      let diagram = '';
      const values: Record<string, EventBatch> = {};
      steps.forEach(({ wait, className, letters, excluded }, i) => {
        const batch = eventBatch(className, rows(letters));
        for (const r of excluded) if (batch.drop(r)) sum.excluded++;
        sum.seen += batch.rows;
        frame += wait;
        arrived.set(batch, { frame, expected: model.selection(batch, letters, frame) });
        frame++;
        const key = String.fromCharCode(0x4e00 + i);
        values[key] = batch;
        diagram += `${'-'.repeat(wait)}${key}`;
      });
      marbles((s) => {
        s.run(({ hot, flush }) => {
          const out = hot(`${diagram}|`, values).pipe(debounce(ledger.options(windowMs, entries)));
          out.subscribe((batch) => {
            sum.stored += batch.selected;
            for (const n of selectedValues(batch, 'count')) sum.events += Number(n);
            const original = arrived.get(batch);
            if (original !== undefined) assert.equal(s.now(), original.frame);
          });
          flush();
        });
      });
      for (const [batch, { expected }] of arrived) assert.deepEqual([...batch.selection], expected);
      assert.equal(sum.stored + ledger.coalesced + sum.excluded, sum.seen);
      assert.equal(sum.events + sum.excluded, sum.seen, 'counts stand for every event');
      assert.equal(ledger.pending, 0);
      assert.deepEqual(ledger.failures, []);
      for (const keeper of ledger.keepers) assert.equal(keeper.size, 0);
    }
  });

  it('keeps classes apart', () => {
    const ledger = new Ledger();
    const seen: string[] = [];
    marbles((s) => {
      s.run(({ cold }) => {
        const socket = rows('a').map(({ target_path: _, ...row }) => row);
        cold('ab|', { a: eventBatch('file', rows('a')), b: eventBatch('socket', socket) })
          .pipe(debounce(ledger.options(10)))
          .subscribe((batch) => seen.push(`${batch.className} ${batch.selected}`));
      });
    });
    assert.deepEqual(seen, ['file 1', 'socket 1']);
  });
});
