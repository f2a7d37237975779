import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../../config/errors.ts';
import type { Logger } from '../../config/log.ts';
import type { ResultStore } from '../../results/store.ts';
import type { Detection, RunRecord } from '../../results/types.ts';
import type { QueryStatistics } from '../query-statistics.ts';
import type { ScheduledQuery } from '../scheduled-query.ts';
import { type Entry, readEntries, stateOf } from './entries.ts';
import { countRun, statisticsOf } from './entry-statistics.ts';
import type { PassRequest, PassResult, RuleOutcome, RuleThreadData } from './messages.ts';
import { RuleSieve } from './rule-sieve.ts';
import { RuleThread } from './rule-thread.ts';

export interface StreamingOptions {
  readonly rules: readonly ScheduledQuery[];
  readonly store: ResultStore;
  readonly path: string; // of events.db
  /** Last seq that has been given out. */
  readonly highWater: () => bigint;
  /** Where a rule that is new begins. */
  readonly startSeq: bigint;
  readonly epoch: number;
  readonly numerics: boolean;
  readonly decorations: () => Promise<Readonly<Record<string, string>>>;
  readonly log: Logger;
  /** Called after rows were recorded. */
  readonly recorded: (detections: readonly Detection[]) => void;
  readonly makeThread?: (data: RuleThreadData) => RuleThread;
}

/** One statement of a rule; a slow rule holds up all others. */
const TIMEOUT_MS = 2000;
/** Rows of one rule in one pass; more events are then taken in shorter spans. */
const MAX_ROWS = 5000;
/** Passes rest seven times as long as they took, so that rules use an eighth of a core at most... */
const REST_FACTOR = 7;
const LEAST_REST_MS = 5;
/** Who was looked for in vain may be a while in coming. */
const REST_IN_VAIN_MS = 9;
/** ...until they are late. */
const LONGEST_REST_MS = 25;
/** Rules that wait after a failure, or are behind, are tried again without new events. */
const IDLE_MS = 1000;
/** Positions of rules that found nothing are saved this often; a restart looks at them again. */
const SAVE_MS = 10_000;
const MOST_WARNINGS = 100;
/** A pass that is longer than this is interrupted by a stop, and made again after the next start. */
const STOP_MS = 500;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * Streaming rules: every batch of new events is looked at once for every rule: by a sieve, and by the
 * rules that it cannot rule out, in a thread of theirs. Rows are recorded in one transaction with the
 * position that the rule has come to, so a rule that is restarted goes on behind the last event that
 * it reported, and looks again only at events that gave nothing.
 */
export class Streaming {
  readonly #options: StreamingOptions;
  readonly #entries: readonly Entry[];
  readonly #sieve: RuleSieve;
  readonly #stop = new AbortController();
  #thread: RuleThread;
  #threadFailures = 0;
  /** Where all rules are that are not behind. */
  #position = 0n;
  #caughtUp = false;
  /** A rule waits after a failure. */
  #behind = false;
  #passedAt = 0;
  #wake: (() => void) | null = null;
  #savedAt = performance.now();
  #live: Promise<void> | undefined;
  readonly #warned = new Set<string>();
  #passes = 0;
  #busyMs = 0;

  private constructor(options: StreamingOptions, entries: readonly Entry[]) {
    this.#options = options;
    this.#entries = entries;
    this.#sieve = new RuleSieve(
      options.path,
      entries.map(({ query }) => query.plan),
    );
    this.#thread = this.#makeThread();
  }

  /** Rejects with RESULTS_UNAVAILABLE or RULE_THREAD; null when there are no rules. */
  static async start(options: StreamingOptions): Promise<Streaming | null> {
    if (options.rules.length === 0) return null;
    const streaming = new Streaming(options, await readEntries(options));
    try {
      await streaming.#thread.ready();
    } catch (error) {
      await streaming.#thread.close();
      throw error;
    }
    streaming.#live = streaming.#run();
    return streaming;
  }

  /** Says that rows were appended. */
  wake(): void {
    this.#wake?.();
  }

  /** By event table: the seq up to which all rules that read it have read. */
  readUpTo(): Map<string, bigint> {
    const positions = new Map<string, bigint>();
    for (const entry of this.#entries) {
      const position = this.#positionOf(entry);
      for (const table of entry.query.plan.tables) {
        const least = positions.get(table);
        if (least === undefined || position < least) positions.set(table, position);
      }
    }
    return positions;
  }

  statistics(): QueryStatistics[] {
    return this.#entries.map(statisticsOf);
  }

  /** Work of the rule thread since start. */
  get load(): { readonly passes: number; readonly busyMs: number } {
    return { passes: this.#passes, busyMs: this.#busyMs };
  }

  /** Waits for the pass under way when it is short, saves all positions, and ends the thread. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    const patience = setTimeout(() => void this.#thread.close(), STOP_MS);
    await this.#live;
    clearTimeout(patience);
    await this.#thread.close();
    await this.#commit(this.#unsaved()).catch((error) =>
      this.#options.log.warn({ err: messageOf(error) }, 'positions of rules were not saved'),
    );
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const upto = this.#options.highWater();
      const news = upto > this.#position || !this.#caughtUp;
      if (news) await this.#look(upto);
      else if ((await this.#sleepUntilWoken()) === 'idle' && this.#behind) await this.#pass(upto);
      if (performance.now() - this.#savedAt > SAVE_MS) await this.#save();
    }
  }

  /** The thread is only woken when a rule could find something, or has something left to do. */
  async #look(upto: bigint): Promise<void> {
    const suspects = this.#caughtUp ? this.#sieve.suspects(this.#position, upto) : null;
    const waiting = this.#behind && performance.now() - this.#passedAt > IDLE_MS;
    if (suspects === null || suspects.length > 0 || waiting) await this.#pass(upto, suspects);
    else this.#position = upto;
  }

  async #pass(upto: bigint, suspects: PassRequest['suspects'] = null): Promise<void> {
    this.#passedAt = performance.now();
    let result: PassResult;
    try {
      result = await this.#thread.pass({ after: this.#position, upto, suspects });
      this.#threadFailures = 0;
    } catch (error) {
      if (!this.#stop.signal.aborted) await this.#revive(error);
      return;
    }
    await this.#record(result);
    const found = result.outcomes.some(({ rows }) => rows.length > 0);
    const least = found ? LEAST_REST_MS : REST_IN_VAIN_MS;
    const rest = Math.min(LONGEST_REST_MS, Math.max(least, result.busyMs * REST_FACTOR));
    await this.#sleep(rest);
  }

  async #record(result: PassResult): Promise<void> {
    const { upto, outcomes } = result;
    this.#passes++;
    this.#busyMs += result.busyMs;
    for (const warning of result.warnings) this.#warn(warning);
    const runs: RunRecord[] = [];
    for (const outcome of outcomes) {
      const entry = this.#entries[outcome.rule] as Entry;
      this.#told(entry, outcome);
      if (outcome.rows.length > 0) runs.push(await this.#runOf(entry, outcome));
    }
    if (runs.length > 0 && !(await this.#commitUntilDone(runs))) return;
    // Only now: what was not recorded was not seen.
    for (const entry of this.#entries) entry.behind = null;
    for (const { rule, position } of outcomes) {
      if (position < upto) (this.#entries[rule] as Entry).behind = position;
    }
    this.#position = upto;
    this.#caughtUp = result.caughtUp;
    this.#behind = outcomes.some(({ position }) => position < upto);
  }

  /** Each once, as a table that cannot be read says so in every pass. */
  #warn(warning: string): void {
    if (this.#warned.has(warning) || this.#warned.size >= MOST_WARNINGS) return;
    this.#warned.add(warning);
    this.#options.log.warn({ tables: warning }, 'a rule reads a table that is not whole');
  }

  #told(entry: Entry, outcome: RuleOutcome): void {
    const { log } = this.#options;
    const query = entry.query.name;
    if (outcome.ran) countRun(entry, outcome);
    if (outcome.cut) log.warn({ query }, 'rows above the limit were cut');
    if (outcome.error !== '') {
      entry.errors++;
      if (outcome.error !== entry.lastError) log.warn({ query, err: outcome.error }, 'rule fails');
      entry.lastError = outcome.error;
    } else if (entry.lastError !== '' && outcome.position > this.#positionOf(entry)) {
      entry.lastError = '';
      log.info({ query }, 'rule works again');
    }
  }

  async #runOf(entry: Entry, { rows, position }: RuleOutcome): Promise<RunRecord> {
    const { epoch, numerics, decorations } = this.#options;
    const { query, saved } = entry;
    const counter = saved.epoch === epoch ? saved.counter : 0;
    const after = stateOf(query, epoch, counter + 1, position);
    entry.rows += rows.length;
    return {
      name: query.name,
      kind: 'events',
      numerics,
      decorations: await decorations(),
      before: saved,
      after,
      rows: rows.map((columns) => ({ action: 'added', columns })),
      ...(query.rule === undefined ? {} : { rule: query.rule }),
    };
  }

  /** Tries again while the database fails; false when stopped meanwhile: nothing was recorded. */
  async #commitUntilDone(runs: readonly RunRecord[]): Promise<boolean> {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(LAST_RETRY_MS, wait * 2)) {
      try {
        await this.#commit(runs);
        return true;
      } catch (error) {
        // The answer to a commit that went through got lost.
        if (await this.#isRecorded(runs, error)) return true;
        if (isConflict(error)) {
          await this.#resume(error);
          return false;
        }
        this.#options.log.warn(
          { err: messageOf(error) },
          'detections wait for the results database',
        );
      }
      await this.#sleep(wait);
      if (this.#stop.signal.aborted) return false;
    }
  }

  async #isRecorded(runs: readonly RunRecord[], error: unknown): Promise<boolean> {
    if (!isConflict(error)) return false;
    for (const { name, after } of runs) {
      const state = await this.#options.store.state(name).catch(() => null);
      if (state?.cursor !== after.cursor || state.counter !== after.counter) return false;
    }
    this.#savedAs(runs);
    return true;
  }

  /** Goes on where the database says that the rules are: somebody else has recorded runs of them. */
  async #resume(error: unknown): Promise<void> {
    const { log, store } = this.#options;
    log.error(
      { err: messageOf(error) },
      'rules go on where another daemon of this host has come to',
    );
    await this.#sleep(FIRST_RETRY_MS);
    for (const entry of this.#entries) {
      const state = await store.state(entry.query.name).catch(() => null);
      if (state === null) continue;
      entry.saved = state;
      entry.behind = state.cursor ?? this.#positionOf(entry);
    }
    await this.#renewThread();
  }

  async #commit(runs: readonly RunRecord[]): Promise<void> {
    if (runs.length === 0) return;
    const detections = await this.#options.store.commit(...runs);
    this.#savedAs(runs);
    if (runs.some(({ rows }) => rows.length > 0)) this.#options.recorded(detections);
  }

  #savedAs(runs: readonly RunRecord[]): void {
    const byName = new Map(runs.map((run) => [run.name, run.after]));
    for (const entry of this.#entries) entry.saved = byName.get(entry.query.name) ?? entry.saved;
  }

  #unsaved(): RunRecord[] {
    const { epoch, numerics } = this.#options;
    return this.#entries
      .filter((entry) => entry.saved.cursor !== this.#positionOf(entry))
      .map((entry) => {
        const { query, saved } = entry;
        const counter = saved.epoch === epoch ? saved.counter : 0;
        return {
          name: query.name,
          kind: 'events',
          numerics,
          decorations: {},
          before: saved,
          after: stateOf(query, epoch, counter, this.#positionOf(entry)),
          rows: [],
        };
      });
  }

  #positionOf({ behind }: Entry): bigint {
    return behind ?? this.#position;
  }

  async #save(): Promise<void> {
    this.#savedAt = performance.now();
    try {
      await this.#commit(this.#unsaved());
    } catch (error) {
      this.#options.log.warn({ err: messageOf(error) }, 'positions of rules were not saved');
    }
  }

  /** A new thread goes on where the last recorded pass ended. */
  async #revive(error: unknown): Promise<void> {
    this.#options.log.error(
      { err: messageOf(error) },
      'the rule thread ended and is started again',
    );
    const wait = Math.min(
      LAST_RETRY_MS,
      FIRST_RETRY_MS * 2 ** Math.min(this.#threadFailures++, 10),
    );
    await this.#sleep(wait);
    if (!this.#stop.signal.aborted) await this.#renewThread();
  }

  async #renewThread(): Promise<void> {
    await this.#thread.close();
    this.#thread = this.#makeThread();
    this.#caughtUp = false;
    await this.#thread.ready().catch(() => {});
  }

  #makeThread(): RuleThread {
    const { path, numerics } = this.#options;
    const data: RuleThreadData = {
      path,
      numerics,
      timeoutMs: TIMEOUT_MS,
      maxRows: MAX_ROWS,
      rules: this.#entries.map((entry) => ({
        name: entry.query.name,
        statements: entry.query.plan.statements,
        position: this.#positionOf(entry),
      })),
    };
    return (this.#options.makeThread ?? ((d) => new RuleThread(d)))(data);
  }

  #sleepUntilWoken(): Promise<'woken' | 'idle'> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve('idle'), IDLE_MS).unref();
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve('woken');
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof WeirError && error.code === 'RESULTS_CONFLICT';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
