/**
 * events: rows of event tables, each logged once as added.
 * differential: what changed since the last run.
 * snapshot: all rows of a run in one line.
 */
export type RunKind = 'events' | 'differential' | 'snapshot';
export type RowAction = 'added' | 'removed' | 'snapshot';

/** One row as it is stored, compared and logged. */
export interface ResultRow {
  readonly action: RowAction;
  /** JSON object text exactly as it goes into the log line; see encodeRow. */
  readonly columns: string;
  /** A row of a rule that a person wants no detections of: set when it is recorded. */
  readonly suppressed?: boolean;
}

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** What makes the rows of a query detections. */
export interface RuleInfo {
  readonly severity: Severity;
  readonly attack: readonly string[]; // ATT&CK technique ids
  readonly description: string;
}

export interface Detection extends RuleInfo {
  /** Stable: store, run and row; the same as the line's. */
  readonly id: string;
  readonly rule: string;
  readonly unixTime: number;
  /** JSON object text. */
  readonly row: string;
}

/** Where a scheduled query stands between two runs. */
export interface QueryState {
  readonly sqlHash: string;
  readonly epoch: number;
  readonly counter: number;
  /** Event tables are reported up to and with this seq; null for a query without event tables. */
  readonly cursor: bigint | null;
  /** Seconds since 1970 of the last recorded run. */
  readonly ranAt: number;
}

/** A query that is not run for a while, because it crossed its limits. */
export interface Denial {
  readonly name: string;
  /** Another text is another query: it may run. */
  readonly sqlHash: string;
  /** Seconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

/** How the remembered rows of a differential query change. */
export interface PreviousChange {
  /** Forget all first: first run or new epoch. */
  readonly fresh: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Everything that one run of a query leaves behind; written in one transaction. */
export interface RunRecord {
  readonly name: string;
  readonly kind: RunKind;
  readonly numerics: boolean;
  readonly decorations: Readonly<Record<string, string>>;
  /** State that the run started from; another one in the database is RESULTS_CONFLICT. */
  readonly before: QueryState | null;
  readonly after: QueryState;
  readonly rows: readonly ResultRow[];
  readonly previous?: PreviousChange;
  readonly rule?: RuleInfo;
}

/** A recorded run with what a log line needs. */
export interface LoggedRun {
  readonly id: number;
  readonly name: string;
  readonly kind: RunKind;
  readonly unixTime: number;
  readonly epoch: number;
  readonly counter: number;
  readonly numerics: boolean;
  readonly decorations: Readonly<Record<string, string>>;
  /** What makes its rows detections. */
  readonly rule: RuleInfo | null;
}

/** A piece of a run's rows, in order; `last` says that the run ends with it. */
export interface LoggedRows {
  readonly run: LoggedRun;
  readonly firstIndex: number;
  readonly rows: readonly ResultRow[];
  readonly last: boolean;
}

/** One thing that was done or not done: a row of response_events. */
export interface ResponseRecord {
  /** Seconds since 1970. */
  readonly unixTime: number;
  /** That of the log line; null for what a kernel program did by itself. */
  readonly detection: string | null;
  /** Name of the rule, or of the verdict. */
  readonly rule: string;
  readonly action: 'stop' | 'kill' | 'exec';
  readonly place: 'kernel' | 'weir';
  readonly outcome: 'done' | 'dry_run' | 'refused' | 'failed';
  /** Why it was refused or failed; '' otherwise. */
  readonly reason: string;
  readonly pid: number | null;
  readonly processId: bigint | null;
  readonly path: string | null;
  /** exec: name of the command. */
  readonly command: string | null;
  readonly exitCode: number | null;
}
