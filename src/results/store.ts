import type { DetectionGroup, DetectionStatus, MatchingRow } from './detection-group.ts';
import type { NewSuppression, Suppression } from './suppression.ts';
import type {
  Denial,
  Detection,
  LoggedRows,
  LoggedRun,
  QueryState,
  ResponseRecord,
  RunRecord,
} from './types.ts';

/** Where a sink stands: rows before (run, index) are delivered. */
export interface SinkPosition {
  readonly run: number;
  readonly index: number;
}

export interface PruneOptions {
  /** Runs recorded before this time (seconds since 1970) leave. */
  readonly before: number;
  /** Of the rest, the oldest leave until at most this many rows are kept. */
  readonly maxRows: number;
}

export interface Pruned {
  readonly rows: number;
  /** Rows that left before this sink had them, by sink. */
  readonly undelivered: ReadonlyMap<string, number>;
}

/**
 * The results database: what queries have found, where they stand, and how far each sink is.
 * Several hosts may share one; every method sees only its own host's rows.
 *
 * Methods reject with WeirError: RESULTS_UNAVAILABLE (database error; the cause is kept) and
 * RESULTS_CONFLICT (commit: another run was recorded in between; read the state and run again).
 */
export interface ResultStore {
  /** Random id of the database, part of every line id. */
  readonly id: string;
  state(name: string): Promise<QueryState | null>;
  /** Rows of the last run of a differential query: row text -> copies. */
  previousRows(name: string): Promise<Map<string, number>>;
  /** Rows, states and detections of runs of different queries in one transaction: all or nothing. */
  commit(...runs: readonly RunRecord[]): Promise<readonly Detection[]>;
  /** The splayed interval kept for the query, or `proposed`, which is kept from now on. */
  splay(name: string, interval: number, proposed: number): Promise<number>;
  /** Denials that have not ended at `now`, seconds since 1970. */
  denials(now: number): Promise<readonly Denial[]>;
  deny(denial: Denial): Promise<void>;
  /** Forgets queries that are not in `keep` and last ran before this time; returns how many. */
  forgetQueries(keep: readonly string[], before: number): Promise<number>;
  /** Registers a sink; a new one starts at the end, so that it gets nothing from before. */
  openSink(sink: string): Promise<void>;
  /** The next rows of one run for the sink, null when it has all; `limit` rows or a whole run. */
  pending(
    sink: string,
    limit: number,
    whole: (run: LoggedRun) => boolean,
  ): Promise<LoggedRows | null>;
  delivered(sink: string, position: SinkPosition): Promise<void>;
  /** Newest first. */
  detections(limit: number): Promise<readonly Detection[]>;
  /** Detections with their repeats; those whose last row is newest first. */
  groups(limit: number, status?: DetectionStatus): Promise<readonly DetectionGroup[]>;
  group(id: number): Promise<DetectionGroup | null>;
  /** The rows of a group, oldest first. */
  groupRows(id: number, limit: number): Promise<readonly MatchingRow[]>;
  /**
   * All or none; `now` is seconds since 1970. Rejects with DETECTION_UNKNOWN, and with
   * DETECTION_OPEN where one would be opened again whose repeats are in a newer one.
   */
  setStatus(ids: readonly number[], status: DetectionStatus, now: number): Promise<void>;
  /** Rows of the rule are counted instead of becoming detections, while `until` is to come. */
  suppress(wanted: NewSuppression, created: number, until: number): Promise<Suppression>;
  /** Newest first; those that ended stay until results of their time leave. */
  suppressions(): Promise<readonly Suppression[]>;
  /** All or none. Rejects with SUPPRESSION_UNKNOWN. */
  unsuppress(ids: readonly number[]): Promise<void>;
  /** Keeps what was done about detections, the newest 100,000 of it. */
  recordResponses(responses: readonly ResponseRecord[]): Promise<void>;
  prune(options: PruneOptions): Promise<Pruned>;
  close(): Promise<void>;
}

/** Stable name of a logged row: the same however often a sink gets it. */
export function lineId(store: string, run: number, index: number): string {
  return `${store}-${run}-${index}`;
}
