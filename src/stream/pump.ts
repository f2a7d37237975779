import { type OperatorFunction, Subject } from 'rxjs';
import type { NativeBatch } from '../native/batch.ts';
import { EventBatch } from '../sensor/batch.ts';
import type { EventProvider } from '../sensor/provider.ts';
import type { StreamGuard } from './guard.ts';

export interface PumpOptions {
  readonly provider: EventProvider;
  readonly pipeline: OperatorFunction<EventBatch, EventBatch>;
  /** Takes the selected rows of a batch; synchronous, and must not wait for disk. */
  readonly append: (batch: EventBatch) => void;
  readonly guard: StreamGuard;
  /**
   * Called when a batch has gone all the way; its memory may be given back, since operators keep
   * copies of single rows only. Under a flood, collecting garbage comes too late.
   */
  readonly done?: (batch: EventBatch) => void;
  /** Longest that one turn of the event loop is held, ms. Default 5. */
  readonly turnMs?: number;
}

/** Rows that no provider makes; it stays when providers change. */
export interface BatchSource {
  /** @param wake called when a batch waits and none did before */
  start(wake: () => void): void;
  next(): NativeBatch | null;
  drain(): void;
  stop(): void;
}

/**
 * Pulls batches out of a provider, each through the pipeline into the store before the next is
 * taken: the pull is the credit that lets the provider read on. Between turns the event loop serves
 * queries, timers and live subscribers.
 */
export class Pump {
  readonly #options: PumpOptions;
  readonly #turnMs: number;
  #provider: EventProvider;
  #beside: BatchSource | null = null;
  #source: Subject<EventBatch>;
  #scheduled: NodeJS.Immediate | undefined;
  #running = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#turnMs = options.turnMs ?? 5;
    this.#provider = options.provider;
    this.#source = this.#connect(options.pipeline);
  }

  /** Starts the provider; its errors are thrown. */
  start(): void {
    this.#provider.start(() => this.#schedule());
    this.#running = true;
    // Seeds may wait already, and a provider wakes only when nothing did before.
    this.#schedule();
  }

  /** From the next batch on, another pipeline. What the old one held back is appended first. */
  replace(pipeline: OperatorFunction<EventBatch, EventBatch>): void {
    this.#source.complete();
    this.#source = this.#connect(pipeline);
  }

  /**
   * Another provider takes over. The new one watches before the old one stops, so nothing is missed
   * and what happens in between comes from both. When the new one cannot start, its error is thrown
   * and the old one goes on.
   *
   * @param both called when the two run
   */
  switchTo(next: EventProvider, both: () => void = () => {}): void {
    if (!this.#running) {
      this.#provider = next;
      return;
    }
    next.start(() => this.#schedule());
    both();
    const { guard } = this.#options;
    this.drain();
    guard.run('provider', () => this.#provider.stop(), undefined);
    while (this.#step());
    this.#provider = next;
    this.#schedule();
  }

  /** While it runs: another source beside the provider, or none; what the old one had is appended. */
  putBeside(source: BatchSource | null): void {
    const { guard } = this.#options;
    guard.run('feeds', () => this.#beside?.stop(), undefined);
    while (this.#step());
    this.#beside = source;
    guard.run('feeds', () => source?.start(() => this.#schedule()), undefined);
    this.#schedule();
  }

  /** Appends what has been delivered up to now, and leaves open windows open. */
  drain(): void {
    const { guard } = this.#options;
    guard.run('provider', () => this.#provider.drain(), undefined);
    guard.run('feeds', () => this.#beside?.drain(), undefined);
    while (this.#step());
  }

  /** Drains, stops the provider, and appends what the pipeline held back. Does nothing twice. */
  stop(): void {
    if (!this.#running) return;
    this.drain();
    this.#running = false;
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    const { guard } = this.#options;
    guard.run('provider', () => this.#provider.stop(), undefined);
    guard.run('feeds', () => this.#beside?.stop(), undefined);
    while (this.#step());
    this.#source.complete();
  }

  #connect(pipeline: OperatorFunction<EventBatch, EventBatch>): Subject<EventBatch> {
    const { append, guard } = this.#options;
    const source = new Subject<EventBatch>();
    source.pipe(pipeline).subscribe({
      next: (batch) => {
        if (batch.selected > 0) guard.run('append', () => append(batch), undefined);
      },
      // Operators catch their own errors. One that gets here has ended this pipeline: without a
      // new one every later batch would vanish.
      error: (error) => {
        guard.failed('pipeline', error);
        this.#source = this.#connect(pipeline);
      },
    });
    return source;
  }

  #schedule(): void {
    if (!this.#running || this.#scheduled !== undefined) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      if (!this.#running) return;
      const end = performance.now() + this.#turnMs;
      while (this.#step()) {
        if (performance.now() < end) continue;
        this.#schedule();
        return;
      }
    });
  }

  /** One batch all the way; false when none waits. */
  #step(): boolean {
    const { guard } = this.#options;
    const native =
      guard.run('provider', () => this.#provider.next(), null) ??
      guard.run('feeds', () => this.#beside?.next() ?? null, null);
    if (native === null) return false;
    const batch = new EventBatch(native);
    this.#source.next(batch);
    this.#options.done?.(batch);
    return true;
  }
}
