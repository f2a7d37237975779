import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../config/log.ts';
import type { Detection } from '../results/types.ts';
import type { CpuTime } from '../sql/types.ts';
import { Denylist } from './denylist.ts';
import { DiscoveryCache } from './discovery.ts';
import { QueryRun, type RunSettings } from './query-run.ts';
import type { QueryStatistics } from './query-statistics.ts';
import type { ScheduledQuery } from './scheduled-query.ts';
import { DueTime, splay } from './timetable.ts';

export interface SchedulerOptions extends RunSettings {
  readonly queries: readonly ScheduledQuery[];
  readonly splayPercent: number;
  readonly log: Logger;
  /** Called after rows were recorded. */
  readonly recorded?: (detections: readonly Detection[]) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly random?: () => number;
}

interface Entry {
  readonly run: QueryRun;
  readonly interval: number;
  readonly due: DueTime;
  runs: number;
  rows: number;
  errors: number;
  lastError: string;
  wallMs: number;
  lastWallMs: number;
  lastCpu: CpuTime;
  grown: number;
  lastGrown: number;
  lastRun: number;
  bytes: number;
}

const TICK_MS = 1000;

/**
 * Runs scheduled queries one after another. A query that fails is counted, reported once, and
 * tried again at its next time; nothing here ends the daemon.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #discovery: DiscoveryCache;
  readonly #denylist: Denylist;
  readonly #stop = new AbortController();
  #entries: Entry[] = [];
  #loop: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#discovery = new DiscoveryCache(options.runner);
    this.#denylist = new Denylist(options.store);
  }

  statistics(): QueryStatistics[] {
    const now = this.#seconds();
    return this.#entries.map(({ run: { query, cpu }, due: _, ...rest }) => ({
      name: query.name,
      sql: query.sql,
      planned: query.interval,
      denied: this.#denylist.of(query, now) !== null,
      tables: query.plan.tables,
      cpu,
      ...rest,
    }));
  }

  /** How often discovery was asked of each pack. */
  get discovery(): DiscoveryCache {
    return this.#discovery;
  }

  /** By event table: the seq up to which all queries that read it have read. */
  readUpTo(): Map<string, bigint> {
    const positions = new Map<string, bigint>();
    for (const { run } of this.#entries) {
      if (run.query.plan.kind !== 'events') continue;
      for (const table of run.query.plan.tables) {
        const least = positions.get(table);
        if (least === undefined || run.readUpTo < least) positions.set(table, run.readUpTo);
      }
    }
    return positions;
  }

  /** Gives every new query its place, then runs until `stop`. */
  async start(): Promise<void> {
    const now = this.#seconds();
    await this.#denylist.load(now).catch((error) => {
      this.#options.log.warn({ err: messageOf(error) }, 'denied queries are not known');
    });
    for (const query of this.#options.queries) {
      try {
        this.#entries.push(await this.#entry(query, now));
      } catch (error) {
        // Without its splay or cursor it runs all the same, from the start of this daemon.
        this.#options.log.warn({ query: query.name, err: messageOf(error) }, 'results unavailable');
        this.#entries.push(newEntry(new QueryRun(query, this.#options), query.interval, now));
      }
    }
    this.#loop = this.#live();
  }

  /** Interrupts what runs; it is run again after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Runs what is due. `start` does so every second. */
  async tick(): Promise<void> {
    const now = this.#seconds();
    const due = this.#entries.filter((entry) => entry.due.isDue(now));
    due.sort((a, b) => a.due.next - b.due.next);
    for (const entry of due) {
      if (this.#stop.signal.aborted) return;
      await this.#run(entry);
    }
  }

  async #live(): Promise<void> {
    const { signal } = this.#stop;
    const first = this.#entries
      .filter((entry) => entry.run.query.startupPriority !== undefined)
      .sort((a, b) => priority(a) - priority(b));
    for (const entry of first) {
      if (!signal.aborted) await this.#run(entry);
    }
    while (!signal.aborted) {
      await this.tick();
      const rest = TICK_MS - ((this.#options.now ?? Date.now)() % TICK_MS);
      await sleep(rest, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #entry(query: ScheduledQuery, now: number): Promise<Entry> {
    const { store, splayPercent, random = Math.random } = this.#options;
    const proposed = splay(query.interval, splayPercent, random);
    const interval = await store.splay(query.name, query.interval, proposed);
    const run = new QueryRun(query, this.#options);
    await run.begin(now);
    return newEntry(run, interval, now);
  }

  async #run(entry: Entry): Promise<void> {
    const { query } = entry.run;
    const { signal } = this.#stop;
    const started = performance.now();
    const before = entry.run.cpu;
    const resident = process.memoryUsage.rss();
    try {
      const at = this.#seconds();
      if (this.#denylist.of(query, at) !== null) {
        entry.due.done(at);
        return;
      }
      const { discovery } = query;
      if (discovery === undefined || (await this.#discovery.isActive(discovery, at, signal))) {
        await this.#record(entry, at);
      } else {
        entry.due.done(at);
      }
    } catch (error) {
      entry.due.done(this.#seconds());
      if (!signal.aborted) await this.#crossed(entry, error);
    }
    entry.lastWallMs = performance.now() - started;
    entry.wallMs += entry.lastWallMs;
    const { userMs, systemMs } = entry.run.cpu;
    entry.lastCpu = {
      userMs: userMs - before.userMs,
      systemMs: systemMs - before.systemMs,
    };
    // As osquery measures it: of the whole process, whatever else it did meanwhile.
    entry.lastGrown = Math.max(0, process.memoryUsage.rss() - resident);
    entry.grown += entry.lastGrown;
  }

  async #record(entry: Entry, at: number): Promise<void> {
    const { run } = entry;
    const { rows, bytes, detections, caughtUp, cut } = await run.run(at, this.#stop.signal);
    entry.runs++;
    entry.lastRun = at;
    entry.rows += rows;
    entry.bytes += bytes;
    if (caughtUp) entry.due.done(this.#seconds());
    else entry.due.soon(this.#seconds());
    if (cut) this.#options.log.warn({ query: run.query.name }, 'rows above the limit were cut');
    if (entry.lastError !== '') {
      entry.lastError = '';
      this.#options.log.info({ query: run.query.name }, 'query works again');
    }
    if (rows > 0 || run.query.snapshot) this.#options.recorded?.(detections);
  }

  async #crossed(entry: Entry, error: unknown): Promise<void> {
    let message = messageOf(error);
    try {
      const denial = await this.#denylist.note(entry.run.query, error, this.#seconds());
      const until = new Date((denial?.until ?? 0) * 1000).toISOString();
      if (denial !== null)
        message += `; it is denied until ${until} (its pack may say denylist: false)`;
    } catch {
      // The results database is away: denied in this process only.
    }
    this.#failed(entry, message);
  }

  #failed(entry: Entry, message: string): void {
    entry.errors++;
    if (message === entry.lastError) return;
    entry.lastError = message;
    this.#options.log.warn({ query: entry.run.query.name, err: message }, 'query fails');
  }

  #seconds(): number {
    return Math.floor((this.#options.now ?? Date.now)() / 1000);
  }
}

function newEntry(run: QueryRun, interval: number, now: number): Entry {
  const due = new DueTime(interval, now);
  const nothing = { runs: 0, rows: 0, errors: 0, lastError: '', wallMs: 0, lastWallMs: 0 };
  const memory = { grown: 0, lastGrown: 0 };
  return { run, interval, due, ...nothing, ...memory, lastCpu: run.cpu, lastRun: 0, bytes: 0 };
}

function priority(entry: Entry): number {
  return entry.run.query.startupPriority ?? 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
