import type { Logger } from '../config/log.ts';
import type { LineFormat } from './log-line.ts';
import type { Sink } from './sinks/sink.ts';
import type { ResultStore } from './store.ts';

/** A sink, and how its lines are written. */
export interface Route {
  readonly sink: Sink;
  readonly format: LineFormat;
}

export interface OutboxOptions {
  readonly store: ResultStore;
  readonly routes: readonly Route[];
  readonly log: Logger;
  readonly batchRows?: number; // rows per delivery, default 1000
  readonly timeoutMs?: number; // of one delivery, default 30,000
  readonly firstRetryMs?: number; // default 1000, doubling up to
  readonly lastRetryMs?: number; // default 60,000
}

/** How far one sink is, for health. */
export interface SinkState {
  readonly name: string;
  readonly delivered: number; // rows since start
  readonly failures: number; // in a row; 0: healthy
  readonly error: string;
}

/**
 * Delivers recorded rows to sinks, at least once and in order. Each sink has its own loop and
 * position: one that fails or hangs holds up neither the others nor anything else.
 */
export class Outbox {
  readonly #loops: readonly SinkLoop[];

  constructor(options: OutboxOptions) {
    this.#loops = options.routes.map((route) => new SinkLoop(route, options));
  }

  /** Registers the sinks and delivers what waits. */
  async start(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.start()));
  }

  /** Says that rows were recorded. */
  wake(): void {
    for (const loop of this.#loops) loop.wake();
  }

  /** After log rotation. */
  async reopen(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.sink.reopen?.()));
  }

  states(): SinkState[] {
    return this.#loops.map((loop) => loop.state());
  }

  /** Delivers what waits for at most `ms`, then ends; the rest is delivered after the next start. */
  async stop(ms: number): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop(ms)));
  }
}

class SinkLoop {
  readonly sink: Sink;
  readonly #format: LineFormat;
  readonly #options: OutboxOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #retry: NodeJS.Timeout | undefined;
  #delivered = 0;
  #failures = 0;
  #error = '';
  /** A delivery that was given up on may still be at work; the sink gets no second one beside it. */
  #hanging = false;

  constructor({ sink, format }: Route, options: OutboxOptions) {
    this.sink = sink;
    this.#format = format;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#options.store.openSink(this.sink.name);
    this.wake();
  }

  wake(): void {
    if (this.#stop.signal.aborted || this.#retry !== undefined) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
    });
  }

  state(): SinkState {
    return {
      name: this.sink.name,
      delivered: this.#delivered,
      failures: this.#failures,
      error: this.#error,
    };
  }

  async stop(ms: number): Promise<void> {
    if (this.#retry !== undefined) clearTimeout(this.#retry);
    else this.wake();
    const end = setTimeout(() => this.#stop.abort(), ms);
    await this.#running;
    clearTimeout(end);
    this.#stop.abort();
    clearTimeout(this.#retry);
    await this.sink.close().catch(() => {});
  }

  async #drain(): Promise<void> {
    this.#again = false;
    try {
      while (!this.#stop.signal.aborted && (await this.#step()));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Delivers one piece; false when nothing waits. */
  async #step(): Promise<boolean> {
    const { store, batchRows = 1000 } = this.#options;
    const format = this.#format;
    const piece = await store.pending(this.sink.name, batchRows, (run) => format.wholeRun(run));
    if (piece === null) return false;
    const lines = format.lines(store.id, piece);
    if (lines.length > 0) await this.#deliver(lines);
    await store.delivered(
      this.sink.name,
      piece.last
        ? { run: piece.run.id + 1, index: 0 }
        : { run: piece.run.id, index: piece.firstIndex + piece.rows.length },
    );
    this.#delivered += piece.rows.length;
    if (this.#failures > 0) this.#options.log.info({ sink: this.sink.name }, 'sink works again');
    this.#failures = 0;
    this.#error = '';
    return true;
  }

  async #deliver(lines: Parameters<Sink['deliver']>[0]): Promise<void> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs ?? 30_000);
    const signal = AbortSignal.any([limit, this.#stop.signal]);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('delivery took too long')), {
        once: true,
      });
    });
    if (this.#hanging) throw new Error('an earlier delivery still hangs');
    this.#hanging = true;
    const delivery = this.sink.deliver(lines, signal).finally(() => {
      this.#hanging = false;
    });
    await Promise.race([delivery, aborted]);
  }

  #failed(error: unknown): void {
    this.#error = error instanceof Error ? error.message : String(error);
    this.#failures++;
    if (this.#stop.signal.aborted) return;
    if (this.#failures === 1) {
      this.#options.log.warn(
        { sink: this.sink.name, err: this.#error },
        'sink fails; rows wait in the results database',
      );
    }
    const { firstRetryMs = 1000, lastRetryMs = 60_000 } = this.#options;
    const wait = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 16));
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.wake();
    }, wait);
    this.#retry.unref();
  }
}
