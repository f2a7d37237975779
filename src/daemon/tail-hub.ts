import type { QueryPool } from '../sql/pool.ts';
import { tailQuery } from './tail-query.ts';

export interface TailRequest {
  readonly tables: readonly string[];
  readonly where: string; // '': every row
}

/** Takes JSON lines; the promise is the subscriber's say that it can take more. */
export type TailSink = (lines: Uint8Array) => Promise<void>;

interface Subscriber {
  readonly sql: string;
  readonly sink: TailSink;
  readonly signal: AbortSignal;
  after: bigint;
  busy: boolean;
  readonly fail: (error: unknown) => void;
}

// A burst of appends is looked at once; a person does not see the difference.
const PAUSE_MS = 40;
// Sequence numbers that one query looks at: bounds its sorter and the read transaction.
const WINDOW = 16_384n;
// A subscriber this far behind is moved to the present, and told so.
const LAG_LIMIT = 1_000_000n;

/**
 * Live rows for subscribers. Each has a cursor of its own, so every row comes exactly once however
 * slow it reads; those that stand at the same place with the same question share one query.
 */
export class TailHub {
  readonly #pool: QueryPool;
  readonly #highWater: () => bigint;
  readonly #subscribers = new Set<Subscriber>();
  #timer: NodeJS.Timeout | null = null;
  #lastRun = 0;

  /** @param highWater last seq that was appended */
  constructor(pool: QueryPool, highWater: () => bigint) {
    this.#pool = pool;
    this.#highWater = highWater;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Rows were appended. Cheap: called for every batch. */
  wake(): void {
    if (this.#timer !== null || this.#subscribers.size === 0) return;
    const wait = Math.max(0, this.#lastRun + PAUSE_MS - performance.now());
    this.#timer = setTimeout(() => this.#run(), wait);
  }

  /**
   * Checks the request, and returns what follows it until `signal` ends it.
   *
   * Rejects with what is wrong with the tables or the expression, before the first row.
   */
  async subscribe(
    request: TailRequest,
  ): Promise<(sink: TailSink, signal: AbortSignal) => Promise<void>> {
    const sql = tailQuery(request.tables, request.where);
    const after = this.#highWater();
    // An empty window prepares the statement, and finds what is wrong with it.
    await this.#pool.query(sql, { window: { after, upto: after }, timeoutMs: 5000 });
    return (sink, signal) => this.#follow(sql, after, sink, signal);
  }

  #follow(sql: string, after: bigint, sink: TailSink, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#subscribers.delete(subscriber);
        resolve();
      };
      const fail = (error: unknown): void => {
        this.#subscribers.delete(subscriber);
        reject(error);
      };
      const subscriber: Subscriber = { sql, sink, signal, after, busy: false, fail };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#subscribers.add(subscriber);
      this.wake();
    });
  }

  #run(): void {
    this.#timer = null;
    this.#lastRun = performance.now();
    const high = this.#highWater();
    const groups = new Map<string, Subscriber[]>();
    for (const subscriber of this.#subscribers) {
      if (subscriber.busy || subscriber.after >= high) continue;
      const key = `${subscriber.after} ${subscriber.sql}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [subscriber]);
      else group.push(subscriber);
    }
    for (const group of groups.values()) void this.#serve(group, high);
  }

  async #serve(group: readonly Subscriber[], high: bigint): Promise<void> {
    for (const subscriber of group) subscriber.busy = true;
    let after = group[0]?.after ?? 0n;
    try {
      if (high - after > LAG_LIMIT) {
        const note = { weir: { skipped_after: String(after), upto: String(high) } };
        const line = new TextEncoder().encode(`${JSON.stringify(note)}\n`);
        await this.#hand(group, line);
        after = high;
      } else {
        const upto = high - after > WINDOW ? after + WINDOW : high;
        const { sql } = group[0] as Subscriber;
        const stream = this.#pool.stream(sql, {
          window: { after, upto },
          maxRows: 0,
          lane: 'service',
          encoding: 'lines',
        });
        for await (const chunk of stream) await this.#hand(group, chunk as Uint8Array);
        after = upto;
      }
      for (const subscriber of group) subscriber.after = after;
    } catch (error) {
      for (const subscriber of group) subscriber.fail(error);
    } finally {
      for (const subscriber of group) subscriber.busy = false;
    }
    if (after < this.#highWater()) this.wake();
  }

  /** A group goes on when its slowest member has taken the lines; the others may leave it then. */
  async #hand(group: readonly Subscriber[], lines: Uint8Array): Promise<void> {
    await Promise.all(
      group.map(async (subscriber) => {
        if (!subscriber.signal.aborted) await subscriber.sink(lines);
      }),
    );
  }
}
