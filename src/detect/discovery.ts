import type { QueryRunner } from '../sql/types.ts';
import type { Discovery } from './scheduled-query.ts';

const VALID_SECONDS = 3600;

/** Remembers which packs belong on this host; asks again every hour, as osquery does. */
export class DiscoveryCache {
  readonly #runner: QueryRunner;
  readonly #counts = new Map<string, { hits: number; runs: number; active: boolean }>();
  readonly #known = new Map<string, { readonly active: boolean; readonly at: number }>();

  constructor(runner: QueryRunner) {
    this.#runner = runner;
  }

  /** Every query must return a row; an error counts as none. */
  async isActive(discovery: Discovery, unixTime: number, signal: AbortSignal): Promise<boolean> {
    const key = JSON.stringify([discovery.pack, discovery.queries]);
    const known = this.#known.get(key);
    const counts = this.counts(discovery.pack);
    this.#counts.set(discovery.pack, counts);
    if (known !== undefined && Math.abs(unixTime - known.at) < VALID_SECONDS) {
      counts.hits++;
      return known.active;
    }
    counts.runs++;
    const active = await this.#ask(discovery.queries, signal);
    counts.active = active;
    this.#known.set(key, { active, at: unixTime });
    return active;
  }

  /** How often a pack was asked for, and asked; whether it belongs here, as last known. */
  counts(pack: string): { hits: number; runs: number; active: boolean } {
    return this.#counts.get(pack) ?? { hits: 0, runs: 0, active: false };
  }

  async #ask(queries: readonly string[], signal: AbortSignal): Promise<boolean> {
    for (const sql of queries) {
      try {
        const { rows } = await this.#runner.query(sql, { timeoutMs: 10_000, maxRows: 1, signal });
        if (rows.length === 0) return false;
      } catch {
        return false;
      }
    }
    return true;
  }
}
