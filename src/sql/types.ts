/** What running a SQL query looks like from outside; src/sql/pool.ts is the implementation. */
import type { ScanStats } from '../native/store.ts';

/** INTEGER is always a bigint and REAL always a number, so that 1 and 1.0 stay apart. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export interface ResultColumn {
  readonly name: string;
  /** Declared type of the table column that it shows, upper case; '' for an expression. */
  readonly type: string;
}

export interface QueryOptions {
  /** new_T tables show after < seq <= upto, old_T tables seq <= after, T tables seq <= upto. */
  readonly window?: { readonly after: bigint; readonly upto: bigint };
  /** Milliseconds that the query may run once a worker has it; 0: no limit. */
  readonly timeoutMs?: number;
  /** Rows after which the result ends and says `truncated`; 0: no limit. */
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
}

/** Processor time, milliseconds. */
export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

export interface QueryStats {
  readonly rows: number;
  /** Milliseconds on the worker, waiting for one not included. */
  readonly wallMs: number;
  /** Of the thread that ran it; what tables read with threads of their own is not in it. */
  readonly cpu: CpuTime;
  /** What event tables looked at for it: blocks met, skipped unread, and rows of the others. */
  readonly scan: ScanStats;
}

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
  readonly stats: QueryStats;
  readonly truncated: boolean;
  /** What tables could not read, one line each; the rows are what they could. */
  readonly warnings: readonly string[];
}

/**
 * Runs read-only queries off the main thread.
 *
 * Rejects with WeirError: SQL_ERROR (SQLite's message, one line), SQL_TIMEOUT, SQL_TEMPORARY_FILES, SQL_CANCELLED (the
 * signal), SQL_BUSY (too many queries wait), SQL_WORKER (the worker died).
 */
export interface QueryRunner {
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;
}
