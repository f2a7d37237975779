import type { QueryStatistics } from '../detect/query-statistics.ts';
import type { Schedule } from '../detect/schedule.ts';
import { Scheduler, type SchedulerOptions } from '../detect/scheduler.ts';
import { Streaming } from '../detect/streaming/streaming.ts';

export type RunningOptions = Omit<SchedulerOptions, 'queries'> & {
  readonly path: string; // of events.db
  readonly decorations: NonNullable<SchedulerOptions['decorations']>;
  readonly recorded: NonNullable<SchedulerOptions['recorded']>;
};

/** The queries of one schedule at work: those with an interval, and streaming rules. */
export class RunningQueries {
  readonly names: readonly string[];
  readonly #scheduler: Scheduler;
  readonly #streaming: Streaming | null;

  private constructor(names: readonly string[], scheduler: Scheduler, streaming: Streaming | null) {
    this.names = names;
    this.#scheduler = scheduler;
    this.#streaming = streaming;
  }

  /** Rejects with WeirError RESULTS_UNAVAILABLE or RULE_THREAD. */
  static async start(schedule: Schedule, options: RunningOptions): Promise<RunningQueries> {
    const { queries } = schedule;
    const rules = queries.filter((query) => query.streaming);
    const streaming = await Streaming.start({ ...options, rules });
    const timed = queries.filter((query) => !query.streaming);
    const scheduler = new Scheduler({ ...options, queries: timed });
    await scheduler.start();
    return new RunningQueries(
      queries.map(({ name }) => name),
      scheduler,
      streaming,
    );
  }

  /** Rows were appended. */
  appended(): void {
    this.#streaming?.wake();
  }

  statistics(): readonly QueryStatistics[] {
    return [...this.#scheduler.statistics(), ...(this.#streaming?.statistics() ?? [])];
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
    await this.#streaming?.stop();
    await this.#scheduler.stop();
  }
}
