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
/** Rules find things at any time: they do not wait for `always` decorators that ran so recently. */
const DECORATIONS_MS = 10_000;

/** Schedule, results and delivery. */
export class Detecting {
  readonly #options: DetectingOptions;
  readonly #results: ResultStore;
  readonly #outbox: Outbox;
  readonly #retention: Retention;
  readonly #feed = new DetectionFeed();
  readonly #responder: Responder;
  #config: Config; // whose queries run
  #running: RunningQueries | undefined;
  #reloading: Promise<void> | undefined;
  #paused = false;

  private constructor(
    options: DetectingOptions,
    results: ResultStore,
    outbox: Outbox,
    host: string,
  ) {
    this.#options = options;
    this.#config = options.config;
    this.#results = results;
    this.#outbox = outbox;
    const { runner, log, config, spares } = options;
    const record = results.recordResponses.bind(results);
    this.#responder = new Responder({ runner, host, log, record, spares }, config);
    this.#retention = new Retention(results, options.log, () => this.#running?.names ?? []);
  }

  /** Rejects with WeirError RESULTS_UNAVAILABLE. Queries with errors are logged and left out. */
  static async start(options: DetectingOptions): Promise<Detecting> {
    const { config, log } = options;
    const host = hostIdentifier(config.host_identifier);
    const results = await openResultStore(configuredDatabase(config), host);
    const outbox = new Outbox({
      store: results,
      routes: logRoutes(config.logger, host),
      log,
    });
    await outbox.start();
    const detecting = new Detecting(options, results, outbox, host);
    await detecting.#run(config, options.startSeq);
    return detecting;
  }

  get detections(): Observable<Detection> {
    return this.#feed.stream;
  }

  get results(): ResultStore {
    return this.#results;
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
      if (this.#paused) {
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
    await this.#run(this.#config, this.#options.highWater());
  }

  /** What could not be delivered in time waits in the database. */
  async stop(): Promise<void> {
    await this.#reloading?.catch(() => {});
    await this.#running?.stop();
    await this.#responder.stop();
    this.#feed.end();
    await this.#outbox.stop(STOP_MS);
    await this.#retention.stop();
    await this.#results.close();
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
