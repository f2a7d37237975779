import { type Change, changesBetween } from '../config/leaves.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../config/log.ts';
import { problemText } from '../config/problems.ts';
import type { Config } from '../config/schema.ts';

export interface Reloaded {
  /** In force now. */
  readonly applied: readonly Change[];
  /** Read, and without effect until the daemon starts anew. */
  readonly afterRestart: readonly Change[];
  readonly warnings: readonly string[];
}

export interface ReloadingOptions {
  /** What the daemon started with. */
  readonly config: Config;
  /** Reads the configuration as at the start. Throws WeirError CONFIG_*. */
  readonly reread: () => LoadedConfig;
  /** Makes a configuration the running one; what it rejects with changed nothing. */
  readonly apply: (config: Config, running: Config) => Promise<void>;
  readonly log: Logger;
}

/** The next configuration as far as it can be had without a restart. */
export function liveConfig(running: Config, next: Config): Config {
  const { sensor, logger, query } = running;
  return {
    ...running,
    provider: next.provider,
    sensor: { ...next.sensor, tiers: sensor.tiers },
    collect: next.collect,
    behavior: next.behavior,
    response: next.response,
    exclude: next.exclude,
    debounce: next.debounce,
    send_window_ms: next.send_window_ms,
    host_events: next.host_events,
    file_paths: next.file_paths,
    file_paths_query: next.file_paths_query,
    exclude_paths: next.exclude_paths,
    file_accesses: next.file_accesses,
    schedule: next.schedule,
    packs: next.packs,
    sigma: next.sigma,
    decorators: next.decorators,
    scheduler: next.scheduler,
    options: next.options,
    query: { ...query, max_temporary_bytes: next.query.max_temporary_bytes },
    logger: { ...logger, level: next.logger.level, numerics: next.logger.numerics },
  };
}

/** Reads the configuration again, one time after the other, and keeps the last good one. */
export class Reloading {
  readonly #options: ReloadingOptions;
  #running: Config;
  #last: Promise<unknown> = Promise.resolve();
  #error = '';

  constructor(options: ReloadingOptions) {
    this.#options = options;
    this.#running = options.config;
  }

  /** Why the last attempt changed nothing; '' when it did. */
  get error(): string {
    return this.#error;
  }

  /** Rejects with WeirError CONFIG_*, SENSOR_*, RESULTS_*: then what ran before goes on. */
  reload(): Promise<Reloaded> {
    const next = this.#last.then(() => this.#reload());
    this.#last = next.catch(() => {}); // whoever asked for it is told
    return next;
  }

  async #reload(): Promise<Reloaded> {
    const { reread, apply, log } = this.#options;
    try {
      const { config, file, warnings } = reread();
      const running = this.#running;
      const live = liveConfig(running, config);
      await apply(live, running);
      this.#running = live;
      this.#error = '';
      const applied = changesBetween(running, live);
      const afterRestart = changesBetween(live, config);
      log.info(
        { applied: keys(applied), after_restart: keys(afterRestart) },
        'the configuration is reloaded',
      );
      return { applied, afterRestart, warnings: warnings.map((w) => problemText(w, file)) };
    } catch (error) {
      this.#error = (error as Error).message;
      log.error({ err: error }, 'not reloaded: what ran before goes on');
      throw error;
    }
  }
}

const keys = (changes: readonly Change[]): readonly string[] => changes.map(({ key }) => key);
