import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../config/log.ts';
import { loadSchedule } from '../detect/schedule.ts';
import { Scheduler } from '../detect/scheduler.ts';
import { openSqlChecker } from '../detect/sql-check.ts';
import { hostIdentifier } from '../results/host.ts';
import { openResultStore } from '../results/open.ts';
import { Outbox } from '../results/outbox.ts';
import { Retention } from '../results/retention.ts';
import { FileSink } from '../results/sinks/file-sink.ts';
import type { Sink } from '../results/sinks/sink.ts';
import { StreamSink } from '../results/sinks/stream-sink.ts';
import type { ResultStore } from '../results/store.ts';
import type { QueryRunner } from '../sql/types.ts';

/** The pack that comes with weir. */
export const SHIPPED_PACK = new URL('../../queries/weir-core.json', import.meta.url).pathname;

export interface DetectionOptions {
  readonly loaded: LoadedConfig;
  readonly runner: QueryRunner;
  /** Last seq given out by the event store. */
  readonly highWater: () => bigint;
  readonly log: Logger;
  /** Packs beside those of the configuration. */
  readonly packFiles?: readonly string[];
}

/** Schedule, results and their delivery, running. */
export interface DetectionService {
  readonly scheduler: Scheduler;
  readonly outbox: Outbox;
  readonly results: ResultStore;
  /** Ends the running query, delivers what waits for at most `ms`, closes the results. */
  stop(ms: number): Promise<void>;
}

/**
 * Opens the results database and starts schedule and delivery. Wrong packs and queries are
 * reported in the log; the others run.
 *
 * @throws WeirError RESULTS_UNAVAILABLE
 */
export async function startDetection(options: DetectionOptions): Promise<DetectionService> {
  const { loaded, runner, highWater, log, packFiles = [] } = options;
  const { config, file } = loaded;
  // Events of this run belong to new queries too, however long the rest of the start takes.
  const startSeq = highWater();
  const host = hostIdentifier(config.host_identifier);
  const checker = openSqlChecker();
  const folder = file === undefined ? config.state_dir : dirname(file);
  const schedule = loadSchedule({
    config,
    folder,
    hostname: hostname(),
    packFiles,
    check: checker.check,
  });
  checker.close();
  for (const { severity, text } of schedule.problems) {
    if (severity === 'error') log.error({ problem: text }, 'a scheduled query is left out');
    else log.warn({ problem: text }, 'a scheduled query');
  }
  const results = await openResultStore(database(config), host);
  const outbox = new Outbox({
    store: results,
    sinks: sinks(config),
    lines: {
      hostIdentifier: host,
      eventLines: config.logger.event_type,
      snapshotEventLines: config.logger.snapshot_event_type,
    },
    log,
  });
  await outbox.start();
  const retention = new Retention(results, log);
  const scheduler = new Scheduler({
    queries: schedule.queries,
    splayPercent: config.scheduler.splay_percent,
    epoch: config.scheduler.epoch,
    numerics: config.logger.numerics,
    timeoutMs: config.query.timeout_ms,
    maxRows: Math.min(config.query.max_rows, 100_000),
    store: results,
    recorded: () => outbox.wake(),
    runner,
    highWater,
    startSeq,
    log,
  });
  await scheduler.start();
  return {
    scheduler,
    outbox,
    results,
    async stop(ms) {
      await scheduler.stop();
      await outbox.stop(ms);
      await retention.stop();
      await results.close();
    },
  };
}

function database(config: LoadedConfig['config']): Parameters<typeof openResultStore>[0] {
  const { client, connection } = config.results;
  if (client === 'pg') return { client, connection: connection ?? '' };
  return { client, path: connection ?? join(config.state_dir, 'results.db') };
}

function sinks(config: LoadedConfig['config']): Sink[] {
  const { path, stdout } = config.logger;
  const found: Sink[] = [];
  if (path !== null) found.push(new FileSink(path));
  if (stdout) found.push(new StreamSink('stdout', process.stdout));
  return found;
}
