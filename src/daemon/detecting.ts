import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Observable } from 'rxjs';
import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { Decorations } from '../detect/decorations.ts';
import { DetectionFeed } from '../detect/detections.ts';
import type { QueryStatistics } from '../detect/query-statistics.ts';
import { Responder, type Verdict } from '../detect/response/responder.ts';
import { loadSchedule, type Schedule } from '../detect/schedule.ts';
import { openSqlChecker } from '../detect/sql-check.ts';
import { type Hides, suppressing } from '../detect/suppression.ts';
import { configuredDatabase } from '../results/configured.ts';
import { hostIdentifier } from '../results/host.ts';
import { LateStore } from '../results/late-store.ts';
import { openResultStore } from '../results/open.ts';
import { Outbox, type SinkState } from '../results/outbox.ts';
import { Retention } from '../results/retention.ts';
import type { ResultStore } from '../results/store.ts';
import type { Detection } from '../results/types.ts';
import type { QueryRunner } from '../sql/types.ts';
import type { PackFacts } from '../tables/state/own/osquery-state.ts';
import { logRoutes } from './log-routes.ts';
import { RunningQueries } from './running-queries.ts';

export interface DetectingOptions {
  readonly config: Config;
  /** Relative pack paths start from its folder. */
  readonly configFile: string | undefined;
  readonly packFiles: readonly string[];
  readonly runner: QueryRunner;
  readonly path: string; // of events.db
  readonly highWater: () => bigint;
  /** Last seq before this daemon's first event. */
  readonly startSeq: bigint;
  /** Whether a row of a rule is no detection. */
  readonly hides: Hides;
  readonly spares: Hides;
  readonly log: Logger;
}

const STOP_MS = 700;
/** Between two tries to open a results database that was away at the start. */
const RETRY_MS = 10_000;
/** Rules find things at any time: they do not wait for `always` decorators that ran so recently. */
const DECORATIONS_MS = 10_000;

/** Schedule, results and delivery. */
export class Detecting {
  readonly #options: DetectingOptions;
  readonly #late: LateStore;
  readonly #results: ResultStore;
  readonly #outbox: Outbox;
  readonly #retention: Retention;
  readonly #feed = new DetectionFeed();
  readonly #responder: Responder;
  #config: Config; // whose queries run
  #running: RunningQueries | undefined;
  #reloading: Promise<void> | undefined;
  #paused = false;
  /** Whether queries and sinks have begun; before, the results database was never there. */
  #begun = false;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(options: DetectingOptions, late: LateStore, outbox: Outbox, host: string) {
    this.#options = options;
    this.#config = options.config;
    this.#late = late;
    const results = late.store;
    this.#results = results;
    this.#outbox = outbox;
    const { runner, log, config, spares } = options;
    const record = results.recordResponses.bind(results);
    this.#responder = new Responder({ runner, host, log, record, spares }, config);
    this.#retention = new Retention(results, options.log, () => this.#running?.names ?? []);
  }

  /**
   * Queries with errors are logged and left out. A database server that is away is waited for: the host
   * is watched meanwhile, and queries begin where the daemon began. Rejects with WeirError
   * RESULTS_UNAVAILABLE when the database is a file.
   */
  static async start(options: DetectingOptions): Promise<Detecting> {
    const { config, log } = options;
    const host = hostIdentifier(config.host_identifier);
    const database = configuredDatabase(config);
    const late = new LateStore(() => openResultStore(database, host));
    try {
      await late.open();
    } catch (error) {
      if (database.client === 'sqlite') throw error;
      log.error({ err: error }, 'queries and rules wait for the results database');
    }
    const outbox = new Outbox({
      store: late.store,
      routes: logRoutes(config.logger, host),
      log,
    });
    const detecting = new Detecting(options, late, outbox, host);
    if (late.why === '') await detecting.#begin();
    else detecting.#beginLater();
    return detecting;
  }

  get detections(): Observable<Detection> {
    return this.#feed.stream;
  }

  get results(): ResultStore {
    return this.#results;
  }

  /** Why nothing is asked yet; '' when queries and rules run. */
  get waitsFor(): string {
    return this.#late.why;
  }

  get queries(): number {
    return this.#running?.names.length ?? 0;
  }

  /** The kernel programs have passed a verdict and done something about it. */
  judged(verdict: Verdict): void {
    this.#responder.judged(verdict);
  }

  /** Rows were appended. */
  appended(): void {
    this.#running?.appended();
  }

  statistics(): readonly QueryStatistics[] {
    return this.#running?.statistics() ?? [];
  }

  packs(): readonly PackFacts[] {
    return this.#running?.packs() ?? [];
  }

  /** Work of the rule thread since start; null without streaming rules. */
  get ruleLoad(): RunningQueries['load'] {
    return this.#running?.load ?? null;
  }

  /** By event table: the seq up to which all queries that read it have read. */
  readUpTo(): ReadonlyMap<string, bigint> {
    return this.#running?.readUpTo() ?? new Map();
  }

  sinks(): readonly SinkState[] {
    return this.#outbox.states();
  }

  async reopenLogs(): Promise<void> {
    await this.#outbox.reopen();
  }

  /**
   * Takes schedule, packs and decorators from another configuration. Queries that stay go on where
   * they are, new ones begin now.
   */
  async reload(config: Config): Promise<void> {
    const before = this.#reloading?.catch(() => {}); // whoever asked for it was told
    this.#reloading = (async () => {
      await before;
      if (this.#paused || !this.#begun) {
        this.#config = config;
        return;
      }
      const startSeq = this.#options.highWater();
      await this.#running?.stop();
      try {
        await this.#run(config, startSeq);
      } catch (error) {
        await this.#run(this.#config, startSeq);
        throw error;
      }
      this.#config = config;
    })();
    await this.#reloading;
  }

  /** Asks nothing until `resume`; then queries and rules go on where they stopped. */
  async pause(): Promise<void> {
    await this.#reloading?.catch(() => {});
    if (this.#paused) return;
    this.#paused = true;
    await this.#running?.stop();
  }

  async resume(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#begun) await this.#run(this.#config, this.#options.highWater());
  }

  /** What could not be delivered in time waits in the database. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#reloading?.catch(() => {});
    await this.#running?.stop();
    await this.#responder.stop();
    this.#feed.end();
    await this.#outbox.stop(STOP_MS);
    await this.#retention.stop();
    await this.#results.close();
  }

  async #begin(): Promise<void> {
    await this.#outbox.start();
    if (!this.#paused) await this.#run(this.#config, this.#options.startSeq);
    this.#begun = true;
  }

  #beginLater(): void {
    if (this.#stopped) return;
    this.#retry = setTimeout(async () => {
      const { log } = this.#options;
      try {
        await this.#late.open();
        if (this.#stopped) return;
        const before = this.#reloading?.catch(() => {});
        this.#reloading = (async () => {
          await before;
          await this.#begin();
        })();
        await this.#reloading;
        log.info('the results database is there: queries and rules run');
      } catch (error) {
        log.debug({ err: error }, 'the results database is still away');
        this.#beginLater();
      }
    }, RETRY_MS).unref();
  }

  async #run(config: Config, startSeq: bigint): Promise<void> {
    const { runner, path, highWater, hides, log } = this.#options;
    const decorations = new Decorations(config.decorators, runner, log);
    await decorations.load();
    const schedule = this.#schedule(config);
    const responds = new Map(schedule.queries.map(({ name, respond }) => [name, respond]));
    this.#responder.configure(config);
    this.#running = await RunningQueries.start(schedule, {
      splayPercent: config.scheduler.splay_percent,
      log,
      recorded: (detections) => {
        this.#outbox.wake();
        this.#feed.publish(detections);
        for (const one of detections) {
          this.#responder.detected(one, responds.get(one.rule) ?? 'alert');
        }
      },
      runner,
      path,
      store: suppressing(this.#results, hides),
      highWater,
      startSeq,
      epoch: config.scheduler.epoch,
      numerics: config.logger.numerics,
      decorations: () => decorations.current(DECORATIONS_MS),
      timeoutMs: config.query.timeout_ms,
      maxRows: config.query.max_rows,
    });
  }

  #schedule(config: Config): Schedule {
    const { configFile, packFiles, log } = this.#options;
    const checker = openSqlChecker();
    try {
      const schedule = loadSchedule({
        config,
        folder: configFile === undefined ? '/' : dirname(configFile),
        hostname: hostname(),
        packFiles,
        check: checker.check,
        regex: checker.regex,
      });
      for (const { severity, text } of schedule.problems) {
        if (severity === 'error') log.error(text);
        else log.warn(text);
      }
      return schedule;
    } finally {
      checker.close();
    }
  }
}
