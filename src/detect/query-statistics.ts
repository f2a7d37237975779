/** How a query fares, for health and statistics. */
export interface QueryStatistics {
  readonly name: string;
  readonly interval: number; // seconds, splayed; 0: a streaming rule
  readonly runs: number;
  readonly rows: number;
  readonly errors: number;
  readonly lastError: string; // '' when the last run went well
  readonly wallMs: number; // of all runs
}
