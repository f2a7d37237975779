import {
  asyncScheduler,
  identity,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { EventBatch } from '../sensor/batch.ts';
import type { Count } from './counts.ts';
import type { StreamGuard } from './guard.ts';
import { RepeatWindow, type RowKeeper } from './repeat-window.ts';

export interface DebounceOptions {
  /** How long after a first sight its repeats wait for their summary; 0: debounce is off. */
  readonly windowMs: number;
  /** Things that are remembered per class. When more are met, the oldest window closes early. */
  readonly entries: number;
  readonly makeKeeper: (eventClass: number) => RowKeeper;
  readonly count: Count;
  readonly guard: StreamGuard;
  readonly scheduler?: SchedulerLike;
}

/** Summaries may be this part of the window late, so that many windows share one timer. */
const TIMER_STEPS = 100;

/**
 * Folds repeats of the same thing by the same process (rows with equal, non-zero `identity`). The
 * first occurrence passes at once; repeats within the window after it become one summary row when
 * the window ends, or when the source completes. Its `count` is the sum of the repeats', its times
 * are those of the first and last repeat, and it shares `op_id` with the first occurrence.
 *
 * ```
 * source         --a--a-a------a---|
 * debounce(8)    --a-------A---a---|     A: a summary of two
 * ```
 *
 * In weir_loss a repeat is pending while it waits; a summary of k is one stored row, and k - 1
 * coalesced ones.
 */
export function debounce(options: DebounceOptions): OperatorFunction<EventBatch, EventBatch> {
  if (options.windowMs === 0) return identity;
  return (source) =>
    new Observable((subscriber) => {
      const debouncer = new Debouncer(options, (batch) => subscriber.next(batch));
      const subscription = source.subscribe({
        next: (batch) => debouncer.take(batch),
        error: (error) => subscriber.error(error),
        complete: () => {
          debouncer.flush();
          subscriber.complete();
        },
      });
      return () => {
        debouncer.stop();
        subscription.unsubscribe();
      };
    });
}

class Debouncer {
  readonly #options: DebounceOptions;
  readonly #deliver: (batch: EventBatch) => void;
  readonly #scheduler: SchedulerLike;
  readonly #windows = new Map<number, RepeatWindow>();
  #timer: Subscription | undefined;

  constructor(options: DebounceOptions, deliver: (batch: EventBatch) => void) {
    this.#options = options;
    this.#deliver = deliver;
    this.#scheduler = options.scheduler ?? asyncScheduler;
  }

  take(batch: EventBatch): void {
    const now = this.#scheduler.now();
    this.#closeUntil(now);
    this.#guarded(() => this.#windowOf(batch.native.eventClass).fold(batch, now));
    if (batch.selected > 0) this.#deliver(batch);
    this.#summarize();
    this.#arm(now);
  }

  flush(): void {
    this.#closeUntil(Number.POSITIVE_INFINITY);
    this.stop();
  }

  stop(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  #windowOf(eventClass: number): RepeatWindow {
    let window = this.#windows.get(eventClass);
    if (window === undefined) {
      window = new RepeatWindow(eventClass, this.#options);
      this.#windows.set(eventClass, window);
    }
    return window;
  }

  #closeUntil(now: number): void {
    for (const window of this.#windows.values()) this.#guarded(() => window.closeUntil(now));
    this.#summarize();
  }

  /** Delivers what closed windows left. */
  #summarize(): void {
    for (const window of this.#windows.values()) {
      for (;;) {
        const summary = this.#options.guard.run('debounce', () => window.summary(), undefined);
        if (summary === undefined) break;
        this.#deliver(new EventBatch(summary));
      }
    }
  }

  #arm(now: number): void {
    if (this.#timer !== undefined) return;
    let end = Number.POSITIVE_INFINITY;
    for (const window of this.#windows.values()) end = Math.min(end, window.nextEnd());
    if (end === Number.POSITIVE_INFINITY) return;
    const step = Math.max(1, Math.floor(this.#options.windowMs / TIMER_STEPS));
    const delay = Math.ceil(Math.max(0, end - now) / step) * step;
    this.#timer = this.#scheduler.schedule(() => {
      this.#timer = undefined;
      const at = this.#scheduler.now();
      this.#closeUntil(at);
      this.#arm(at);
    }, delay);
  }

  #guarded(work: () => void): void {
    this.#options.guard.run('debounce', work, undefined);
  }
}
