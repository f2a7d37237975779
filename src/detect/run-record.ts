import type { QueryState, ResultRow, RowAction, RunRecord } from '../results/types.ts';
import { difference } from './differential.ts';
import type { ScheduledQuery } from './scheduled-query.ts';

export interface RunFacts {
  readonly before: QueryState | null;
  /** Rows of all statements, encoded. */
  readonly rows: readonly string[];
  /** Event tables were read up to this seq; null when the query reads none. */
  readonly upto: bigint | null;
  readonly unixTime: number;
  readonly epoch: number;
  readonly numerics: boolean;
  readonly decorations: Readonly<Record<string, string>>;
  /** Rows of the last run, for a differential query. */
  readonly previous: ReadonlyMap<string, number>;
}

/** How the rows of a query reach the log. */
export function kindOf(query: ScheduledQuery): RunRecord['kind'] {
  if (query.snapshot) return 'snapshot';
  return query.plan.kind === 'events' ? 'events' : 'differential';
}

/**
 * What a run is recorded as. Counters follow osquery: a differential query counts runs and starts
 * at 0 with all rows added, again for each new epoch; one whose SQL changed starts at 0 but is
 * compared with the old rows; an event query counts runs with rows and starts at 1; snapshots 0.
 */
export function runRecord(query: ScheduledQuery, facts: RunFacts): RunRecord {
  const kind = kindOf(query);
  const { before, epoch, numerics, decorations, unixTime, upto } = facts;
  const base = { name: query.name, kind, numerics, decorations, before } as const;
  const after = (counter: number): QueryState => ({
    sqlHash: query.sqlHash,
    epoch,
    counter,
    cursor: upto,
    ranAt: unixTime,
  });
  const rule = query.rule === undefined ? {} : { rule: query.rule };
  const newEpoch = before !== null && before.epoch !== epoch;
  if (kind === 'snapshot') {
    return { ...base, ...rule, after: after(0), rows: as('snapshot', facts.rows) };
  }
  if (kind === 'events') {
    const counter = newEpoch ? 0 : (before?.counter ?? 0);
    const rows = as('added', facts.rows);
    return { ...base, ...rule, after: after(counter + (rows.length > 0 ? 1 : 0)), rows };
  }
  const fresh = before === null || newEpoch;
  const { added, removed } = difference(fresh ? new Map() : facts.previous, facts.rows);
  const restart = fresh || before.sqlHash !== query.sqlHash;
  // Rows that leave a span of history only got old.
  const logRemoved = query.removed && query.plan.kind === 'state';
  return {
    ...base,
    ...rule,
    after: after(restart ? 0 : before.counter + 1),
    rows: [...(logRemoved ? as('removed', removed) : []), ...as('added', added)],
    previous: { fresh, added, removed },
  };
}

function as(action: RowAction, rows: readonly string[]): ResultRow[] {
  return rows.map((columns) => ({ action, columns }));
}
