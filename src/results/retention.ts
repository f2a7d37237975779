import type { Logger } from '../config/log.ts';
import type { ResultStore } from './store.ts';

const MAX_AGE_SECONDS = 7 * 86_400;
const MAX_ROWS = 1_000_000;
/** A week after its last run a query that is not scheduled any more is forgotten, as in osquery. */
const FORGET_SECONDS = 7 * 86_400;
const EVERY_MS = 60_000;

/** Keeps the results database bounded, whatever sinks do; what a sink missed by that is reported. */
export class Retention {
  readonly #store: ResultStore;
  readonly #log: Logger;
  readonly #scheduled: () => readonly string[];
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | undefined;

  /** @param scheduled names of the queries that run */
  constructor(store: ResultStore, log: Logger, scheduled: () => readonly string[]) {
    this.#store = store;
    this.#log = log;
    this.#scheduled = scheduled;
    this.#timer = setInterval(() => {
      this.#working ??= this.#prune().finally(() => {
        this.#working = undefined;
      });
    }, EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
  }

  async #prune(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    try {
      const { undelivered } = await this.#store.prune({
        before: now - MAX_AGE_SECONDS,
        maxRows: MAX_ROWS,
      });
      for (const [sink, rows] of undelivered) {
        this.#log.error({ sink, rows }, 'rows were given up before the sink took them');
      }
      await this.#store.forgetQueries(this.#scheduled(), now - FORGET_SECONDS);
    } catch (error) {
      this.#log.warn({ err: error }, 'old results were not removed');
    }
  }
}
