import type { QueryRunner } from '../sql/types.ts';

/** Short of a minute, so that a reader who asks every minute gets a fresh one. */
const KEPT_MS = 50_000;
const SQL = 'SELECT min(first_time) FROM weir_tables';

/**
 * Time of the oldest stored event, remembered: finding it needs a query, and whoever asks for health
 * may not have to wait for one.
 */
export class StoreSpan {
  readonly #runner: QueryRunner;
  #first: number | null = null;
  #asked = Number.NEGATIVE_INFINITY;

  constructor(runner: QueryRunner) {
    this.#runner = runner;
  }

  /** Seconds since 1970; null: nothing is stored, or not known yet. */
  first(): number | null {
    if (performance.now() - this.#asked > KEPT_MS) {
      this.#asked = performance.now();
      this.#find().catch(() => {}); // a query that fails is an issue elsewhere; this stays as it was
    }
    return this.#first;
  }

  async #find(): Promise<void> {
    const { rows } = await this.#runner.query(SQL, { timeoutMs: 5000 });
    const value = rows[0]?.[0];
    this.#first = value === null || value === undefined ? null : Number(value);
  }
}
