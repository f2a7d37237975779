import { DiscoveryCache } from '../detect/discovery.ts';
import type { PackInfo } from '../detect/pack.ts';
import type { QueryStatistics } from '../detect/query-statistics.ts';
import type { Schedule } from '../detect/schedule.ts';
import type { ScheduledQuery } from '../detect/scheduled-query.ts';
import { Scheduler, type SchedulerOptions } from '../detect/scheduler.ts';
import { Streaming } from '../detect/streaming/streaming.ts';
import type { PackFacts } from '../tables/state/own/osquery-state.ts';

export type RunningOptions = Omit<SchedulerOptions, 'queries'> & {
  readonly path: string; // of events.db
  readonly decorations: NonNullable<SchedulerOptions['decorations']>;
  readonly recorded: NonNullable<SchedulerOptions['recorded']>;
};

/** How often packs' discovery queries are asked again whether streaming rules are for this host. */
const DISCOVERY_MS = 60_000;

/** The queries of one schedule at work: those with an interval, and streaming rules. */
export class RunningQueries {
  readonly names: readonly string[];
  readonly #options: RunningOptions;
  readonly #packs: readonly PackInfo[];
  readonly #rules: readonly ScheduledQuery[];
  readonly #discovery: DiscoveryCache;
  readonly #scheduler: Scheduler;
  readonly #stop = new AbortController();
  #active: readonly ScheduledQuery[] = [];
  #streaming: Streaming | null = null;
  #timer: NodeJS.Timeout | undefined;
  #discovering: Promise<void> = Promise.resolve();

  private constructor({ queries, packs }: Schedule, options: RunningOptions) {
    this.#packs = packs;
    this.names = queries.map(({ name }) => name);
    this.#options = options;
    this.#rules = queries.filter((query) => query.streaming);
    this.#discovery = new DiscoveryCache(options.runner);
    const timed = queries.filter((query) => !query.streaming);
    this.#scheduler = new Scheduler({ ...options, queries: timed });
  }

  /** Rejects with WeirError RESULTS_UNAVAILABLE or RULE_THREAD. */
  static async start(schedule: Schedule, options: RunningOptions): Promise<RunningQueries> {
    const running = new RunningQueries(schedule, options);
    running.#active = await running.#discovered();
    running.#streaming = await running.#stream(running.#active, options.startSeq);
    await running.#scheduler.start();
    if (running.#rules.some((rule) => rule.discovery !== undefined)) {
      const again = (): void => {
        running.#discovering = running.#discovering.then(() => running.#discoverAgain());
      };
      running.#timer = setInterval(again, DISCOVERY_MS).unref();
    }
    return running;
  }

  /** Rows were appended. */
  appended(): void {
    this.#streaming?.wake();
  }

  statistics(): readonly QueryStatistics[] {
    return [...this.#scheduler.statistics(), ...(this.#streaming?.statistics() ?? [])];
  }

  packs(): PackFacts[] {
    return this.#packs.map(({ name, platform, version, shard, applicable, discovers }) => {
      const counts = [this.#scheduler.discovery, this.#discovery].map((each) => each.counts(name));
      return {
        name,
        platform,
        version,
        shard,
        discoveryHits: counts.reduce((sum, { hits }) => sum + hits, 0),
        discoveryRuns: counts.reduce((sum, { runs }) => sum + runs, 0),
        active: applicable && (!discovers || counts.some(({ active }) => active)),
      };
    });
  }

  get load(): Streaming['load'] | null {
    return this.#streaming?.load ?? null;
  }

  /** By event table: the seq up to which all queries that read it have read. */
  readUpTo(): ReadonlyMap<string, bigint> {
    const positions = this.#scheduler.readUpTo();
    for (const [table, seq] of this.#streaming?.readUpTo() ?? []) {
      const least = positions.get(table);
      if (least === undefined || seq < least) positions.set(table, seq);
    }
    return positions;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#discovering;
    await this.#streaming?.stop();
    await this.#scheduler.stop();
  }

  #stream(rules: readonly ScheduledQuery[], startSeq: bigint): Promise<Streaming | null> {
    return Streaming.start({ ...this.#options, startSeq, rules });
  }

  async #discovered(): Promise<readonly ScheduledQuery[]> {
    const now = Math.floor(Date.now() / 1000);
    const active: ScheduledQuery[] = [];
    for (const rule of this.#rules) {
      const { discovery } = rule;
      const signal = this.#stop.signal;
      if (discovery === undefined || (await this.#discovery.isActive(discovery, now, signal))) {
        active.push(rule);
      }
    }
    return active;
  }

  /** Rules of packs that came to be, or ceased to be, for this host. Never rejects. */
  async #discoverAgain(): Promise<void> {
    const { log, highWater } = this.#options;
    try {
      const active = await this.#discovered();
      const changed =
        active.length !== this.#active.length || active.some((rule, i) => rule !== this.#active[i]);
      if (!changed || this.#stop.signal.aborted) return;
      const startSeq = highWater();
      await this.#streaming?.stop();
      this.#streaming = await this.#stream(active, startSeq);
      this.#active = active;
    } catch (error) {
      log.error({ err: error }, 'streaming rules of discovered packs could not be started');
    }
  }
}
