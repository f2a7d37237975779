import type Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import { NO_STORE, openConnection } from '../sql/connection.ts';
import { explainFailure } from '../sql/failure.ts';
import type { ScheduledQuery } from './scheduled-query.ts';

/** What became of a query here. */
export type Verdict =
  | {
      readonly kind: 'runs';
      readonly rows: number;
      readonly wallMs: number;
      readonly warnings: readonly string[];
    }
  /** Prepares, and fails when it runs: a required column without a value, a wrong pattern. */
  | { readonly kind: 'fails'; readonly why: string }
  | { readonly kind: 'missing'; readonly what: string; readonly hint: string | undefined }
  | { readonly kind: 'wrong'; readonly why: string };

export interface Tried {
  readonly name: string;
  readonly sql: string;
  readonly verdict: Verdict;
}

const MISSING =
  /no such (?:table|column|function|module|collation sequence|table-valued function): \S+/;

export interface Compatibility {
  /** Prepares the query and runs it to its end. */
  try(query: Pick<ScheduledQuery, 'name' | 'sql'>): Tried;
  close(): void;
}

/**
 * Runs queries of packs on this host as they are written, on this thread, which waits meanwhile.
 * Event tables are those of the store, or empty.
 *
 * @param store events.db; without it event tables are empty
 * @throws WeirError SQL_EXTENSION when weir's tables cannot be loaded
 */
export function openCompatibility(store = NO_STORE): Compatibility {
  let connection: ReturnType<typeof openConnection>;
  try {
    connection = openConnection(store);
  } catch (cause) {
    throw new WeirError('SQL_EXTENSION', 'cannot load weir’s tables: build them first', { cause });
  }
  const { db, warnings } = connection;
  return {
    try({ name, sql }) {
      let statement: Database.Statement<[], unknown>;
      try {
        statement = db.prepare(sql);
      } catch (error) {
        return { name, sql, verdict: refused(db, sql, error) };
      }
      if (!statement.reader) return { name, sql, verdict: { kind: 'wrong', why: 'no query' } };
      warnings.take();
      const started = performance.now();
      try {
        let rows = 0;
        for (const _ of statement.raw().iterate()) rows++;
        const wallMs = performance.now() - started;
        return { name, sql, verdict: { kind: 'runs', rows, wallMs, warnings: warnings.take() } };
      } catch (error) {
        return { name, sql, verdict: { kind: 'fails', why: explained(db, sql, error) } };
      }
    },
    close: () => db.close(),
  };
}

function explained(db: Database.Database, sql: string, error: unknown): string {
  const state = { stopped: false, late: false };
  return explainFailure(db, { sql, timeoutMs: 0 }, error, state).message;
}

function refused(db: Database.Database, sql: string, error: unknown): Verdict {
  const why = explained(db, sql, error);
  const what = MISSING.exec(why)?.[0].replace(/[;,]$/, '');
  if (what === undefined) return { kind: 'wrong', why };
  return { kind: 'missing', what, hint: /; (.*)$/.exec(why)?.[1] };
}
