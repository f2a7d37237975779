import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Observable } from 'rxjs';
import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { loadSchedule } from '../detect/schedule.ts';
import { type QueryStatistics, Scheduler } from '../detect/scheduler.ts';
import { openSqlChecker } from '../detect/sql-check.ts';
import { hostIdentifier } from '../results/host.ts';
import { openResultStore } from '../results/open.ts';
import { Outbox, type SinkState } from '../results/outbox.ts';
import { Retention } from '../results/retention.ts';
import { FileSink } from '../results/sinks/file-sink.ts';
import type { Sink } from '../results/sinks/sink.ts';
import { StreamSink } from '../results/sinks/stream-sink.ts';
import type { ResultStore } from '../results/store.ts';
import type { Detection } from '../results/types.ts';
import type { QueryRunner } from '../sql/types.ts';

export interface DetectingOptions {
  readonly config: Config;
  /** Relative pack paths start from its folder. */
  readonly configFile: string | undefined;
  readonly packFiles: readonly string[];
  readonly runner: QueryRunner;
  readonly highWater: () => bigint;
  /** Last seq before this daemon's first event. */
  readonly startSeq: bigint;
  readonly log: Logger;
}

const STOP_MS = 700;

function makeSinks(logger: Config['logger']): Sink[] {
  const sinks: Sink[] = [];
  if (logger.path !== null) sinks.push(new FileSink(logger.path));
  if (logger.stdout) sinks.push(new StreamSink('stdout', process.stdout));
  return sinks;
}

/** Schedule, results and delivery. */
export class Detecting {
  readonly #results: ResultStore;
  readonly #outbox: Outbox;
  readonly #scheduler: Scheduler;
  readonly #retention: Retention;
  readonly queries: number;

  private constructor(
    results: ResultStore,
    outbox: Outbox,
    scheduler: Scheduler,
    retention: Retention,
    queries: number,
  ) {
    this.#results = results;
    this.#retention = retention;
    this.#outbox = outbox;
    this.#scheduler = scheduler;
    this.queries = queries;
  }

  /** Rejects with WeirError RESULTS_UNAVAILABLE. Queries with errors are logged and left out. */
  static async start(options: DetectingOptions): Promise<Detecting> {
    const { config, log } = options;
    const host = hostIdentifier(config.host_identifier);
    const results = await openResultStore(
      config.results.client === 'pg'
        ? { client: 'pg', connection: config.results.connection ?? '' }
        : {
            client: 'sqlite',
            path: config.results.connection ?? join(config.state_dir, 'results.db'),
          },
      host,
    );
    const checker = openSqlChecker();
    const schedule = loadSchedule({
      config,
      folder: options.configFile === undefined ? '/' : dirname(options.configFile),
      hostname: hostname(),
      packFiles: options.packFiles,
      check: checker.check,
    });
    checker.close();
    for (const { severity, text } of schedule.problems) {
      if (severity === 'error') log.error(text);
      else log.warn(text);
    }
    const outbox = new Outbox({
      store: results,
      sinks: makeSinks(config.logger),
      lines: {
        hostIdentifier: host,
        eventLines: config.logger.event_type,
        snapshotEventLines: config.logger.snapshot_event_type,
      },
      log,
    });
    const scheduler = new Scheduler({
      queries: schedule.queries,
      splayPercent: config.scheduler.splay_percent,
      log,
      recorded: () => outbox.wake(),
      runner: options.runner,
      store: results,
      highWater: options.highWater,
      startSeq: options.startSeq,
      epoch: config.scheduler.epoch,
      numerics: config.logger.numerics,
      timeoutMs: config.query.timeout_ms,
      maxRows: config.query.max_rows,
    });
    await outbox.start();
    await scheduler.start();
    const retention = new Retention(results, log);
    return new Detecting(results, outbox, scheduler, retention, schedule.queries.length);
  }

  get detections(): Observable<Detection> {
    return this.#scheduler.detections;
  }

  statistics(): readonly QueryStatistics[] {
    return this.#scheduler.statistics();
  }

  /** By event table: the seq up to which all queries that read it have read. */
  readUpTo(): ReadonlyMap<string, bigint> {
    return this.#scheduler.readUpTo();
  }

  sinks(): readonly SinkState[] {
    return this.#outbox.states();
  }

  async reopenLogs(): Promise<void> {
    await this.#outbox.reopen();
  }

  /** What could not be delivered in time waits in the database. */
  async stop(): Promise<void> {
    await this.#scheduler.stop();
    await this.#outbox.stop(STOP_MS);
    await this.#retention.stop();
    await this.#results.close();
  }
}
