import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';

export interface LiveListener {
  /** One batch, read only; columns are valid for as long as the batch is referenced. */
  next(batch: EventBatch): void;
  /** Rows that this listener missed because it was behind. */
  missed?(rows: number): void;
  /** The listener threw and gets nothing more. */
  dropped?(error: unknown): void;
}

export interface LiveOptions {
  /** Batches that may wait for one listener; beyond them the oldest is missed. Default 8. */
  readonly waiting?: number;
  readonly onDropped?: (error: unknown) => void;
  /** Runs work after the current turn; for tests. */
  readonly later?: (work: () => void) => void;
}

interface Seat {
  readonly listener: LiveListener;
  readonly queue: EventBatch[];
  missed: number;
}

/**
 * Live subscribers of the stream. They are served after the stream's own turn, one batch each per
 * turn, so that they can neither slow the stream down nor break it; who throws is dropped, who is
 * behind misses batches and is told how many rows.
 *
 * ```
 * source  --a--b--|
 * tee     --a--b--|
 *           \  \
 *            a  b     to each listener, a turn later
 * ```
 */
export class LiveTee {
  readonly #waiting: number;
  readonly #onDropped: (error: unknown) => void;
  readonly #later: (work: () => void) => void;
  readonly #seats = new Set<Seat>();
  #scheduled = false;

  constructor(options: LiveOptions = {}) {
    this.#waiting = options.waiting ?? 8;
    this.#onDropped = options.onDropped ?? (() => {});
    this.#later = options.later ?? ((work) => setImmediate(work));
  }

  get listeners(): number {
    return this.#seats.size;
  }

  /** @returns ends the subscription; calling it again does nothing */
  subscribe(listener: LiveListener): () => void {
    const seat: Seat = { listener, queue: [], missed: 0 };
    this.#seats.add(seat);
    return () => {
      this.#seats.delete(seat);
      seat.queue.length = 0;
    };
  }

  operator(): MonoTypeOperatorFunction<EventBatch> {
    return tap((batch) => this.#offer(batch));
  }

  #offer(batch: EventBatch): void {
    if (this.#seats.size === 0 || batch.selected === 0) return;
    for (const seat of this.#seats) {
      if (seat.queue.length >= this.#waiting) seat.missed += seat.queue.shift()?.selected ?? 0;
      seat.queue.push(batch);
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(() => {
      this.#scheduled = false;
      let more = false;
      for (const seat of [...this.#seats]) more = this.#serve(seat) || more;
      if (more) this.#schedule();
    });
  }

  /** True when more waits for this one. */
  #serve(seat: Seat): boolean {
    const batch = seat.queue.shift();
    if (batch === undefined || !this.#seats.has(seat)) return false;
    try {
      if (seat.missed > 0) {
        const missed = seat.missed;
        seat.missed = 0;
        seat.listener.missed?.(missed);
      }
      seat.listener.next(batch);
    } catch (error) {
      this.#drop(seat, error);
    }
    return seat.queue.length > 0;
  }

  #drop(seat: Seat, error: unknown): void {
    this.#seats.delete(seat);
    seat.queue.length = 0;
    this.#onDropped(error);
    try {
      seat.listener.dropped?.(error);
    } catch {
      // It threw before; the report above has told so.
    }
  }
}
