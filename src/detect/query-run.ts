import { WeirError } from '../config/errors.ts';
import { rowEncoder } from '../results/encode-row.ts';
import type { ResultStore } from '../results/store.ts';
import type { Detection, QueryState } from '../results/types.ts';
import type { CpuTime, QueryRunner } from '../sql/types.ts';
import { kindOf, runRecord } from './run-record.ts';
import type { ScheduledQuery } from './scheduled-query.ts';

export interface RunSettings {
  readonly runner: QueryRunner;
  readonly store: ResultStore;
  /** Last seq that has been given out. */
  readonly highWater: () => bigint;
  /** Where a query that is new begins: what this daemon has seen. */
  readonly startSeq: bigint;
  readonly epoch: number;
  readonly numerics: boolean;
  /** What every log line carries besides. */
  readonly decorations?: () => Promise<Readonly<Record<string, string>>>;
  readonly timeoutMs: number;
  /** Rows of one run; a longer event run is cut into shorter spans. */
  readonly maxRows: number;
}

export interface RunOutcome {
  readonly rows: number; // recorded
  readonly bytes: number; // of those
  readonly detections: readonly Detection[];
  /** False when the run reached only a part of what waits: run again soon. */
  readonly caughtUp: boolean;
  /** Rows were cut although the span could not be made shorter. */
  readonly cut: boolean;
}

/** Empty runs of an event query are recorded this often, to spare the disk. */
const IDLE_SECONDS = 60;
const SPAN_LIMIT = 1n << 62n;
const NOTHING: RunOutcome = { rows: 0, bytes: 0, detections: [], caughtUp: true, cut: false };

/**
 * Runs one query again and again and records each run. What was not recorded was not run: an error
 * on the way leaves the cursor, and the next run covers the same events.
 */
export class QueryRun {
  readonly query: ScheduledQuery;
  readonly #settings: RunSettings;
  /** Seqs that one run covers at most; halved when a run is too long, then growing again. */
  #span = SPAN_LIMIT;
  /** How far empty runs got that were not recorded, and from which recorded cursor. */
  #idle: { readonly from: bigint; readonly reached: bigint } | undefined;

  #readUpTo: bigint;
  #cpu: CpuTime = { userMs: 0, systemMs: 0 };

  constructor(query: ScheduledQuery, settings: RunSettings) {
    this.query = query;
    this.#settings = settings;
    this.#readUpTo = settings.startSeq;
  }

  /** Of an event query: the seq up to which it has seen all events. */
  get readUpTo(): bigint {
    return this.#readUpTo;
  }

  /** Of all its statements that went well. */
  get cpu(): CpuTime {
    return this.#cpu;
  }

  /** Gives a new event query its cursor, so that what comes before its first run is not missed. */
  async begin(unixTime: number): Promise<void> {
    if (this.query.plan.kind !== 'events') return;
    const { store, startSeq, epoch, numerics } = this.#settings;
    const { name, sqlHash } = this.query;
    const state = await store.state(name);
    this.#readUpTo = state?.cursor ?? startSeq;
    if (state !== null) return;
    const after = { sqlHash, epoch, counter: 0, cursor: startSeq, ranAt: unixTime };
    const base = { name, kind: 'events', numerics, decorations: {} } as const;
    await store.commit({ ...base, before: null, after, rows: [] });
  }

  /**
   * @throws WeirError of the query (SQL_ERROR, SQL_TIMEOUT, RUN_TOO_MANY_ROWS, ...) or of the store
   */
  async run(unixTime: number, signal: AbortSignal): Promise<RunOutcome> {
    const before = await this.#settings.store.state(this.query.name);
    if (this.query.plan.kind === 'events') return this.#runEvents(before, unixTime, signal);
    const upto = this.query.plan.kind === 'history' ? this.#settings.highWater() : null;
    const window = upto === null ? undefined : { after: 0n, upto };
    const { rows, truncated } = await this.#ask(window, signal);
    if (truncated) throw this.#tooManyRows();
    const detections = await this.#record(before, rows, upto, unixTime);
    return { ...NOTHING, rows: rows.length, bytes: bytesOf(rows), detections };
  }

  async #runEvents(
    before: QueryState | null,
    unixTime: number,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const { highWater, startSeq } = this.#settings;
    const recorded = before?.cursor ?? startSeq;
    const after = this.#idle?.from === recorded ? this.#idle.reached : recorded;
    const end = highWater();
    if (end <= after) return NOTHING;
    const upto = end - after > this.#span ? after + this.#span : end;
    const { rows, truncated } = await this.#askSpan({ after, upto }, signal);
    if (this.#isIdle(before, rows, unixTime)) {
      this.#readUpTo = upto;
      this.#idle = { from: recorded, reached: upto };
      return { ...NOTHING, caughtUp: upto === end };
    }
    const detections = await this.#record(before, rows, upto, unixTime);
    this.#readUpTo = upto;
    const bytes = bytesOf(rows);
    return { rows: rows.length, bytes, detections, caughtUp: upto === end, cut: truncated };
  }

  #isIdle(before: QueryState | null, rows: readonly string[], unixTime: number): boolean {
    if (before === null || rows.length > 0 || this.query.snapshot) return false;
    const same = before.sqlHash === this.query.sqlHash && before.epoch === this.#settings.epoch;
    return same && Math.abs(unixTime - before.ranAt) < IDLE_SECONDS;
  }

  /** A span that is too long for the limits fails, and the next run tries half of it. */
  async #askSpan(
    window: { readonly after: bigint; readonly upto: bigint },
    signal: AbortSignal,
  ): Promise<{ readonly rows: readonly string[]; readonly truncated: boolean }> {
    const length = window.upto - window.after;
    const halve = (): void => {
      this.#span = length > 1n ? length / 2n : 1n;
    };
    try {
      const answer = await this.#ask(window, signal);
      if (answer.truncated && length > 1n) {
        halve();
        throw this.#tooManyRows();
      }
      if (this.#span < SPAN_LIMIT) this.#span *= 2n;
      return answer;
    } catch (error) {
      if (error instanceof WeirError && error.code === 'SQL_TIMEOUT') halve();
      throw error;
    }
  }

  async #ask(
    window: { readonly after: bigint; readonly upto: bigint } | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly rows: readonly string[]; readonly truncated: boolean }> {
    const { runner, numerics, timeoutMs, maxRows } = this.#settings;
    const options = { timeoutMs, maxRows, signal, ...(window === undefined ? {} : { window }) };
    const rows: string[] = [];
    let truncated = false;
    for (const sql of this.query.plan.statements) {
      signal.throwIfAborted();
      const result = await runner.query(sql, options);
      const { userMs, systemMs } = result.stats.cpu;
      this.#cpu = {
        userMs: this.#cpu.userMs + userMs,
        systemMs: this.#cpu.systemMs + systemMs,
      };
      const encode = rowEncoder(result.columns, numerics);
      for (const row of result.rows) rows.push(encode(row));
      truncated ||= result.truncated;
    }
    return { rows, truncated };
  }

  async #record(
    before: QueryState | null,
    rows: readonly string[],
    upto: bigint | null,
    unixTime: number,
  ): Promise<readonly Detection[]> {
    const { store, epoch, numerics } = this.#settings;
    const differs = kindOf(this.query) === 'differential';
    const previous = differs ? await store.previousRows(this.query.name) : new Map();
    const decorations = (await this.#settings.decorations?.()) ?? {};
    const facts = { before, rows, upto, unixTime, epoch, numerics, decorations, previous };
    const detections = await store.commit(runRecord(this.query, facts));
    this.#idle = undefined;
    return detections;
  }

  #tooManyRows(): WeirError {
    const { maxRows } = this.#settings;
    return new WeirError('RUN_TOO_MANY_ROWS', `the query returned more than ${maxRows} rows`);
  }
}

const bytesOf = (rows: readonly string[]): number =>
  rows.reduce((sum, row) => sum + Buffer.byteLength(row), 0);
