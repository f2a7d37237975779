import { WeirError } from '../config/errors.ts';
import type { ResultStore } from '../results/store.ts';
import type { Denial } from '../results/types.ts';
import type { ScheduledQuery } from './scheduled-query.ts';

/** As osquery's. */
const DENY_SECONDS = 86_400;
/** What a query may cost: time, memory of its thread, rows. */
const LIMITS = new Set(['SQL_TIMEOUT', 'SQL_TEMPORARY_FILES', 'SQL_WORKER', 'RUN_TOO_MANY_ROWS']);

/**
 * Queries that crossed their limits are left out for a day, over restarts too. Event queries are
 * not, as in osquery: they are run over shorter spans instead, and would lose events.
 */
export class Denylist {
  readonly #store: ResultStore;
  readonly #denials = new Map<string, Denial>();

  constructor(store: ResultStore) {
    this.#store = store;
  }

  /** Reads what an earlier daemon denied. Rejects with RESULTS_UNAVAILABLE. */
  async load(now: number): Promise<void> {
    for (const denial of await this.#store.denials(now)) this.#denials.set(denial.name, denial);
  }

  /** The denial in force, if any. */
  of(query: ScheduledQuery, now: number): Denial | null {
    const denial = this.#denials.get(query.name);
    if (denial === undefined) return null;
    const clockSetBack = denial.until - now > DENY_SECONDS;
    if (denial.until > now && denial.sqlHash === query.sqlHash && !clockSetBack) return denial;
    this.#denials.delete(query.name);
    return null;
  }

  /** Denies the query when the error says that it crossed a limit; returns the denial. */
  async note(query: ScheduledQuery, error: unknown, now: number): Promise<Denial | null> {
    const crossed = error instanceof WeirError && LIMITS.has(error.code);
    if (!crossed || !query.denylist || query.plan.kind === 'events') return null;
    const { name, sqlHash } = query;
    const denial = { name, sqlHash, until: now + DENY_SECONDS, reason: error.message };
    this.#denials.set(name, denial);
    await this.#store.deny(denial);
    return denial;
  }
}
