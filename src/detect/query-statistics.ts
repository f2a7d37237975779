import type { CpuTime } from '../sql/types.ts';

/** How a query fares, for health and statistics. */
export interface QueryStatistics {
  readonly name: string;
  readonly sql: string;
  readonly planned: number; // seconds between runs, before splay; 0: a streaming rule
  readonly interval: number; // seconds, splayed; 0: a streaming rule
  readonly runs: number;
  readonly rows: number;
  readonly errors: number;
  readonly lastError: string; // '' when the last run went well
  readonly wallMs: number; // of all runs
  readonly lastWallMs: number;
  readonly cpu: CpuTime | null; // of all runs that went well; null: not measured
  readonly lastCpu: CpuTime | null;
  readonly grown: number | null; // bytes of resident memory that runs left behind; null: not measured
  readonly lastGrown: number | null;
  readonly lastRun: number; // seconds since 1970; 0: not yet
  readonly bytes: number; // of the rows that were found, as they are logged
  readonly denied: boolean; // left out because it crossed its limits
  readonly tables: readonly string[]; // event tables that it reads
}
