import type { ResultStore } from '../../results/store.ts';
import type { QueryState, RunRecord } from '../../results/types.ts';
import type { CpuTime } from '../../sql/types.ts';
import type { ScheduledQuery } from '../scheduled-query.ts';

/** A rule, what the results database knows of it, and how it did. */
export interface Entry {
  readonly query: ScheduledQuery;
  saved: QueryState;
  /** Where it is when it is not with the others. */
  behind: bigint | null;
  runs: number;
  rows: number;
  errors: number;
  lastError: string;
  lastRun: number; // seconds since 1970; 0: not yet
  bytes: number; // of the rows
  wallMs: number;
  lastWallMs: number;
  userMs: number;
  systemMs: number;
  lastCpu: CpuTime | null; // null: not yet run
}

const NOTHING = {
  ...{ runs: 0, rows: 0, errors: 0, lastError: '', lastRun: 0, bytes: 0 },
  ...{ wallMs: 0, lastWallMs: 0, userMs: 0, systemMs: 0, lastCpu: null },
};

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
    entries.push({ query, saved, behind: saved.cursor ?? startSeq, ...NOTHING });
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
