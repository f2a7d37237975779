import { join } from 'node:path';
import type { Observable } from 'rxjs';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import type { Verdict } from '../detect/response/responder.ts';
import { viewsOf } from '../detect/views.ts';
import { native } from '../native/addon.ts';
import type { KernelFilters } from '../native/sensor.ts';
import { configuredDatabase } from '../results/configured.ts';
import type { Detection } from '../results/types.ts';
import { useResults } from '../results/use-results.ts';
import type { EventProvider } from '../sensor/provider.ts';
import { QueryPool } from '../sql/pool.ts';
import type { ProcessTree } from '../stream/process-tree.ts';
import { pushDown } from '../stream/push-down.ts';
import { allTables, useTables } from '../tables/all.ts';
import { useOwnDatabases } from '../tables/host/own-databases.ts';
import { useSignatureGroups } from '../tables/state/files/yara-rules.ts';
import { serveBoard } from '../tables/state/weir/board.ts';
import { Collection } from './collection.ts';
import { ControlServer } from './control.ts';
import { Detecting } from './detecting.ts';
import { EventStore } from './event-store.ts';
import { Exclusions } from './exclusions.ts';
import { queriedFilePaths } from './file-paths-query.ts';
import { type HealthParts, healthAnswer } from './health.ts';
import { LoadGuard, type Usage } from './load-guard.ts';
import { StateLock } from './lock.ts';
import { serveMetrics } from './metrics.ts';
import { flagsOf, osqueryFacts } from './osquery-facts.ts';
import { preflight, prepareStateDir, thisHost } from './preflight.ts';
import { readPositions } from './read-positions.ts';
import { type Reloaded, Reloading } from './reloading.ts';
import { tellRunningTree } from './running-tree.ts';
import { Settle } from './settle.ts';
import { linkSocket } from './socket-file.ts';
import { StoreSpan } from './store-span.ts';
import { TailHub } from './tail-hub.ts';

export interface DaemonOptions {
  readonly config: Config;
  /** Where the configuration came from; undefined: defaults. */
  readonly configFile?: string | undefined;
  /** Reads the configuration again as it was read. */
  readonly reread: () => LoadedConfig;
  /** Packs beside those of the configuration. */
  readonly packFiles?: readonly string[];
  readonly log: Logger;
  /** For tests and replay; default: eBPF. */
  readonly makeProvider?: (filters: KernelFilters) => EventProvider;
}

/** How often the store learns what scheduled queries have read. */
const READ_POSITIONS_MS = 1000;

type Undo = () => Promise<void> | void;

/** The composition root: makes every part, wires them, and takes them apart in reverse order. */
export class Daemon {
  readonly config: Config;
  readonly log: Logger;
  readonly store: EventStore;
  readonly pool: QueryPool;
  readonly tail: TailHub;
  readonly collection: Collection;
  readonly detecting: Detecting;
  readonly #reloading: Reloading;
  readonly #undo: Undo[];

  private constructor(
    parts: Omit<Daemon, 'stop' | 'reload' | 'reopenLogs' | 'detections'>,
    reloading: Reloading,
    undo: Undo[],
  ) {
    this.config = parts.config;
    this.log = parts.log;
    this.store = parts.store;
    this.pool = parts.pool;
    this.tail = parts.tail;
    this.collection = parts.collection;
    this.detecting = parts.detecting;
    this.#reloading = reloading;
    this.#undo = undo;
  }

  /**
   * Starts everything; when it resolves, events are seen. A part that cannot be had takes down
   * what was started before it. Rejects with WeirError.
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const undo: Undo[] = [];
    try {
      return await Daemon.#assemble(options, undo);
    } catch (error) {
      await takeApart(undo, options.log);
      throw error;
    }
  }

  static async #assemble(options: DaemonOptions, undo: Undo[]): Promise<Daemon> {
    const { config, log } = options;
    if (options.makeProvider === undefined) preflight(config, thisHost());
    prepareStateDir(config.state_dir);
    const lock = StateLock.take(config.state_dir);
    undo.push(() => lock.release());

    useTables(config);
    useResults(config);
    useSignatureGroups(config.yara.signatures);
    for (const problem of allTables().problems) log.warn(problem);
    const store = new EventStore(config, log);
    undo.push(() => store.close());
    const results = configuredDatabase(config);
    const databases = results.client === 'sqlite' ? [store.path, results.path] : [store.path];
    useOwnDatabases(databases);
    const highWater = (): bigint => store.native.highWater();
    const startSeq = highWater();
    const { workers, timeout_ms: timeoutMs, max_rows: maxRows } = config.query;
    native.connections.limitTemporaryFiles(config.query.max_temporary_bytes);
    const views = [...viewsOf(config.views)];
    const pool = new QueryPool({ path: store.path, workers, timeoutMs, maxRows, views });
    undo.push(() => pool.close());
    const tail = new TailHub(pool, highWater);
    // Before the first thread: threads get it when they start.
    const parts: { health: HealthParts } = { health: { store, collection: null, detecting: null } };
    undo.push(serveBoard('health', () => healthAnswer(parts.health)));
    let flags = flagsOf(config);
    undo.push(serveBoard('osquery', () => JSON.stringify(osqueryFacts(parts.health, flags))));

    const early: Verdict[] = [];
    let judge = (verdict: Verdict): void => void early.push(verdict);
    let wakeRules = (): void => {};
    const { makeProvider } = options;
    const appended = (): void => {
      tail.wake();
      wakeRules();
    };
    const judged = (verdict: Verdict): void => judge(verdict);
    const exclusions = new Exclusions({ stateDir: config.state_dir, config, log });
    undo.push(() => exclusions.stop());
    undo.push(serveBoard('exclusions', () => JSON.stringify(exclusions.list())));
    let started = false;
    const earlyTrees: ProcessTree[] = [];
    const tellRunning = (tree: ProcessTree): void => {
      tellRunningTree(tree, pool).catch((error) =>
        log.warn(
          { err: error },
          'an exclusion does not know which processes of its tree run already',
        ),
      );
    };
    // Before the start nobody knows who runs.
    const treeMade = (tree: ProcessTree): void => {
      if (started) tellRunning(tree);
      else earlyTrees.push(tree);
    };
    const kept = { config: exclusions.over(config), store, exclusions, log };
    const base = { ...kept, appended, judged, treeMade };
    const collection = new Collection(makeProvider ? { ...base, makeProvider } : base);
    undo.push(() => collection.stop());
    collection.start();
    started = true;
    for (const tree of earlyTrees) tellRunning(tree);
    const filePaths = await queriedFilePaths(config, pool, log);
    if (filePaths !== null) {
      collection.reconfigure({ ...exclusions.over(config), file_paths: filePaths });
    }
    exclusions.start((rules) => collection.exclude(rules));
    const detecting = await Detecting.start({
      config,
      configFile: options.configFile,
      packFiles: options.packFiles ?? [],
      runner: pool,
      path: store.path,
      highWater,
      startSeq,
      hides: (rule, row) => exclusions.hides(rule, row),
      spares: (rule, row) => exclusions.spares(rule, row),
      log,
    });
    undo.push(() => detecting.stop());
    wakeRules = () => detecting.appended();
    judge = (verdict) => detecting.judged(verdict);
    for (const verdict of early) judge(verdict);
    const tellStore = (): void => store.native.setReadUpTo(readPositions(detecting.readUpTo()));
    tellStore();
    const telling = setInterval(tellStore, READ_POSITIONS_MS).unref();
    undo.push(() => clearInterval(telling));
    let configured = { ...config, file_paths: filePaths ?? config.file_paths };
    const guard = new LoadGuard({
      limits: config.limits,
      usage,
      shed: async (level) => {
        await (level > 0 ? detecting.pause() : detecting.resume());
        const collect = guard.collect(configured.collect);
        collection.reconfigure({ ...exclusions.over(configured), collect });
      },
      log,
    });
    guard.start();
    undo.push(() => guard.stop());
    const settle = new Settle();
    const reloading = new Reloading({
      config,
      reread: options.reread,
      apply: async (next, running) => {
        pushDown(exclusions.over(next)); // whether it can be had, before anything changes
        if (next.provider !== running.provider) collection.switchProvider(next.provider);
        await detecting.reload(next);
        const queried = await queriedFilePaths(next, pool, log);
        store.categorize(next);
        exclusions.configured(next);
        configured = { ...next, file_paths: queried ?? next.file_paths };
        const collect = guard.collect(next.collect);
        collection.reconfigure({ ...exclusions.over(configured), collect });
        if (next.logger.level !== undefined) log.level = next.logger.level;
        native.connections.limitTemporaryFiles(next.query.max_temporary_bytes);
        flags = flagsOf(next);
        settle.soon();
      },
      log,
    });
    const span = new StoreSpan(pool);
    const healthParts: HealthParts = {
      store,
      collection,
      detecting,
      reloadError: () => reloading.error,
      shedding: () => guard.shedding,
      load: () => pool.load,
      firstTime: () => span.first(),
    };
    parts.health = healthParts;
    const control = new ControlServer({
      pool,
      tail,
      health: healthParts,
      results: detecting.results,
      collection,
      exclusions,
      layers: () => options.reread().layers,
      reload: () => reloading.reload(),
      controlGroup: config.control.group,
      log,
    });
    await pool.warm();
    await control.listen(config.socket);
    undo.push(() => control.close());
    const { listen } = config.metrics;
    if (listen !== undefined) undo.push(await serveMetrics(listen, healthParts, log));
    settle.soon();
    undo.push(() => settle.stop());
    undo.push(linkSocket(join(config.state_dir, 'weir.sock'), config.socket));
    return new Daemon({ config, log, store, pool, tail, collection, detecting }, reloading, undo);
  }

  get detections(): Observable<Detection> {
    return this.detecting.detections;
  }

  /** After log rotation. */
  async reopenLogs(): Promise<void> {
    await this.detecting.reopenLogs();
  }

  /** Reads the configuration again. Rejects with WeirError: then what ran before goes on. */
  reload(): Promise<Reloaded> {
    return this.#reloading.reload();
  }

  /** Stops in reverse order: answers, schedule, events, and at last the store with its flush. */
  async stop(): Promise<void> {
    await takeApart(this.#undo, this.log);
  }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return {
    memoryBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    atSeconds: performance.now() / 1000,
  };
}

async function takeApart(undo: Undo[], log: Logger): Promise<void> {
  for (;;) {
    const step = undo.pop();
    if (step === undefined) return;
    try {
      await step();
    } catch (error) {
      log.error({ err: error }, 'a part did not stop cleanly');
    }
  }
}
