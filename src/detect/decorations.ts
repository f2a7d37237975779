import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { plainText } from '../results/encode-row.ts';
import type { QueryRunner } from '../sql/types.ts';

type Decorators = Config['decorators'];

const TIMEOUT_MS = 10_000;

/**
 * What osquery's decorators add to every log line: columns of the first row of each query. `load`
 * queries run once, `interval` ones when their time comes, `always` ones before each query. A query
 * that fails or has no row leaves what was there; a name that two queries set has the last one's.
 */
export class Decorations {
  readonly #decorators: Decorators;
  readonly #runner: QueryRunner;
  readonly #log: Logger;
  readonly #values = new Map<string, string>();
  readonly #failed = new Set<string>();
  readonly #due = new Map<number, number>(); // interval -> seconds since 1970
  #freshAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(decorators: Decorators, runner: QueryRunner, log: Logger) {
    this.#decorators = decorators;
    this.#runner = runner;
    this.#log = log;
  }

  /** Runs what runs at start. Never rejects. */
  async load(): Promise<void> {
    await this.#run(this.#decorators.load);
    await this.current(0);
  }

  /**
   * Decorations sorted by name, as osquery logs them; `always` queries ran at most `maxAgeMs` ago.
   * Never rejects.
   */
  async current(maxAgeMs: number): Promise<Readonly<Record<string, string>>> {
    const { always, interval } = this.#decorators;
    const none = always.length === 0 && Object.keys(interval).length === 0;
    if (!none && performance.now() - this.#freshAt > maxAgeMs) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = undefined;
      });
      await this.#refreshing;
    }
    const sorted = [...this.#values].sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    return Object.fromEntries(sorted);
  }

  async #refresh(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    for (const [text, queries] of Object.entries(this.#decorators.interval)) {
      const seconds = Number(text);
      const due = this.#due.get(seconds);
      // A clock that was set back does not stop them.
      if (due !== undefined && now < due && due - now <= seconds) continue;
      this.#due.set(seconds, (Math.floor(now / seconds) + 1) * seconds);
      await this.#run(queries);
    }
    await this.#run(this.#decorators.always);
    this.#freshAt = performance.now();
  }

  async #run(queries: readonly string[]): Promise<void> {
    for (const sql of queries) {
      try {
        const result = await this.#runner.query(sql, { timeoutMs: TIMEOUT_MS, maxRows: 1 });
        const row = result.rows[0];
        if (row === undefined) continue;
        for (const [i, { name }] of result.columns.entries()) {
          this.#values.set(name, plainText(row[i] ?? null));
        }
        this.#failed.delete(sql);
      } catch (error) {
        if (this.#failed.has(sql)) continue;
        this.#failed.add(sql);
        const err = error instanceof Error ? error.message : String(error);
        this.#log.warn({ query: sql, err }, 'a decorator fails');
      }
    }
  }
}
