import type { ResultStore } from '../../results/store.ts';
import type { QueryState, RunRecord } from '../../results/types.ts';
import type { ScheduledQuery } from '../scheduled-query.ts';

/** A rule, what the results database knows of it, and how it did. */
export interface Entry {
  readonly query: ScheduledQuery;
  saved: QueryState;
  position: bigint;
  runs: number;
  rows: number;
  errors: number;
  lastError: string;
  lastRun: number; // seconds since 1970; 0: not yet
  bytes: number; // of the rows
}

export interface EntryOptions {
  readonly rules: readonly ScheduledQuery[];
  readonly store: ResultStore;
  /** Where a rule that is new begins. */
  readonly startSeq: bigint;
  readonly epoch: number;
  readonly numerics: boolean;
}

/** The rules with their saved positions; those that are new are saved where they begin. */
export async function readEntries(options: EntryOptions): Promise<Entry[]> {
  const { store, startSeq, epoch } = options;
  const entries: Entry[] = [];
  const begun: RunRecord[] = [];
  for (const query of options.rules) {
    const known = await store.state(query.name);
    const saved = known ?? stateOf(query, epoch, 0, startSeq);
    if (known === null) {
      const { numerics } = options;
      const base = { name: query.name, kind: 'events', numerics, decorations: {} } as const;
      begun.push({ ...base, before: null, after: saved, rows: [] });
    }
    const position = saved.cursor ?? startSeq;
    const nothing = { runs: 0, rows: 0, errors: 0, lastError: '', lastRun: 0, bytes: 0 };
    entries.push({ query, saved, position, ...nothing });
  }
  // So that what comes before their first pass is not missed.
  if (begun.length > 0) await store.commit(...begun);
  return entries;
}

export function stateOf(
  query: ScheduledQuery,
  epoch: number,
  counter: number,
  cursor: bigint,
): QueryState {
  const ranAt = Math.floor(Date.now() / 1000);
  return { sqlHash: query.sqlHash, epoch, counter, cursor, ranAt };
}
