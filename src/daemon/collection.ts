import type { Logger } from '../config/log.ts';
import type { Config, ExclusionRule } from '../config/schema.ts';
import type { Verdict } from '../detect/response/responder.ts';
import { configuredFeeds } from '../feeds/feeds.ts';
import { HostSource } from '../feeds/host-source.ts';
import type { YaraFeed } from '../feeds/yara-feed.ts';
import { native } from '../native/addon.ts';
import type { KernelFilters } from '../native/sensor.ts';
import type { EventBatch } from '../sensor/batch.ts';
import type { ClassCoverage, EventProvider } from '../sensor/provider.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { StreamGuard } from '../stream/guard.ts';
import { streamPipeline } from '../stream/pipeline.ts';
import type { ProcessTree } from '../stream/process-tree.ts';
import { ProcessTrees } from '../stream/process-trees.ts';
import { Pump } from '../stream/pump.ts';
import { type PushedDown, pushDown, thisHost } from '../stream/push-down.ts';
import type { StreamRules } from '../stream/rules.ts';
import { LiveTee } from '../stream/tee.ts';
import type { EventStore } from './event-store.ts';
import type { Exclusions } from './exclusions.ts';
import { Providers } from './providers.ts';
import { verdictsOf } from './verdicts.ts';

export interface CollectionOptions {
  readonly config: Config;
  readonly store: EventStore;
  /** Where what exclusions leave out is counted. */
  readonly exclusions: Pick<Exclusions, 'slotOf' | 'suppressed'>;
  readonly log: Logger;
  /** Rows were appended. */
  readonly appended: () => void;
  /** The kernel programs have passed a verdict and done something about it. */
  readonly judged: (verdict: Verdict) => void;
  /** An exclusion has a tree that is new: some of it may run already. */
  readonly treeMade: (tree: ProcessTree) => void;
  /** For tests and replay; default: as configured. */
  readonly makeProvider?: (filters: KernelFilters) => EventProvider;
}

export interface Switched {
  readonly provider: string;
  readonly reason: string;
  /** How long both watched: what happened then is there twice, once from each. */
  readonly overlapMs: number;
}

/** The way of events from the kernel to the store. */
export class Collection {
  readonly live: LiveTee;
  readonly #options: CollectionOptions;
  readonly #providers: Providers;
  readonly #guard: StreamGuard;
  readonly #pump: Pump;
  readonly #trees: ProcessTrees;
  #host: HostSource | null = null;
  #yara: YaraFeed | null = null;
  #feeds = '';
  #config: Config; // the last one
  #provider: EventProvider;
  #reason = '';
  #fallback = '';
  #lastEvent: number | null = null;
  #covered: readonly ClassCoverage[] = [];

  /** @throws WeirError CONFIG_SCOPE (78), SENSOR_* */
  constructor(options: CollectionOptions) {
    this.#options = options;
    const { config, log } = options;
    this.#config = config;
    this.#trees = new ProcessTrees(options.treeMade);
    this.#guard = new StreamGuard((operator, error) =>
      log.error({ operator, err: error }, 'an operator failed; its batch goes on without it'),
    );
    this.live = new LiveTee({
      onDropped: (error) => log.warn({ err: error }, 'a live subscriber failed and was dropped'),
    });
    const { filters, rules, warnings } = this.#pushDown(config);
    for (const warning of warnings) log.warn(warning);
    this.#providers = new Providers({ config, storePath: options.store.path, filters, log });
    this.#provider = options.makeProvider?.(filters) ?? this.#providers.first();
    this.#pump = new Pump({
      provider: this.#provider,
      guard: this.#guard,
      append: (batch) => this.#append(batch),
      // Live subscribers read batches a turn later.
      done: (batch) => {
        if (this.live.listeners === 0) native.release(batch.native);
      },
      pipeline: this.#pipeline(config, rules),
    });
  }

  /** Attaches, and seeds what runs already. @throws WeirError SENSOR_* */
  start(): void {
    if (this.#options.makeProvider === undefined) {
      const { provider, reason } = this.#providers.start((made) => {
        this.#pump.switchTo(made);
        this.#pump.start();
      });
      this.#provider = provider;
      this.#reason = reason;
      this.#fallback = reason;
    } else {
      this.#pump.start();
    }
    this.#covered = this.#cover(this.#provider);
    this.#feed(this.#config);
    this.#pump.drain();
  }

  get provider(): EventProvider {
    return this.#provider;
  }

  /** What is watched, class by class. */
  coverage(): readonly ClassCoverage[] {
    const host = this.#host?.coverage();
    const all = this.#provider.coverage();
    return host === undefined ? all : [...all.filter((c) => c.className !== 'host'), host];
  }

  /** Why this provider; '' when it is the one that was asked for. */
  get providerReason(): string {
    return this.#reason;
  }

  /** Why eBPF, which was asked for, is not what watches; '' when it is, or was not. */
  get fallbackReason(): string {
    return this.#fallback;
  }

  /** Why eBPF is not tried since the host went down; '' when it may be. */
  get bootGuard(): string {
    return this.#providers.guarded;
  }

  /** When rows were appended last, seconds since 1970; null: not yet. */
  get lastEvent(): number | null {
    return this.#lastEvent;
  }

  /**
   * Another provider takes over while events flow; none is missed. weir_coverage has both for the
   * time that both watched.
   *
   * @throws WeirError SENSOR_*: then the old one goes on
   */
  switchProvider(name: Config['provider']): Switched {
    const before = this.#provider;
    if (name === before.name) return { provider: name, reason: this.#reason, overlapMs: 0 };
    const old = this.#covered;
    let began = 0;
    const begin = (next: EventProvider): void => {
      this.#pump.switchTo(next, () => {
        began = performance.now();
        this.#covered = this.#cover(next);
      });
      this.#provider = next;
    };
    if (name === 'auto') {
      this.#fallback = this.#providers.switchToBest(before.name, begin);
      this.#reason = this.#fallback;
    } else {
      this.#providers.switchTo(name, begin);
      this.#fallback = '';
      this.#reason = 'switched by request';
    }
    const provider = this.#provider.name;
    this.#feed({ ...this.#config, provider: name });
    if (this.#provider === before) return { provider, reason: this.#reason, overlapMs: 0 };
    this.#uncover(old);
    const overlapMs = Math.round(performance.now() - began);
    this.#options.log.warn({ provider, overlap_ms: overlapMs }, 'the provider was switched');
    return { provider, reason: this.#reason, overlapMs };
  }

  /** Reads what has happened up to now, detaches, and appends all that waited. */
  stop(): void {
    const host = this.#host?.coverage();
    this.#pump.stop();
    this.#providers.stopped();
    this.#uncover(this.#covered);
    if (host?.covered) this.#uncover([host]);
  }

  /**
   * Other classes, filters, exclusions, windows and categories from now on; no event is lost on the
   * way. The provider stays, see switchProvider.
   *
   * @throws WeirError CONFIG_SCOPE (78), SENSOR_MAP_FAILED; the filters are then partly the old ones
   */
  reconfigure(config: Config): void {
    const { filters, rules, warnings } = this.#pushDown(config);
    for (const warning of warnings) this.#options.log.warn(warning);
    this.#providers.filters = filters;
    this.#provider.configure(filters);
    this.#pump.replace(this.#pipeline(config, rules));
    const old = this.#covered;
    const now = this.#provider.coverage().filter((c) => c.covered);
    const among = (all: readonly ClassCoverage[]) => (one: ClassCoverage) =>
      all.some(({ className, tier }) => className === one.className && tier === one.tier);
    this.#record(
      old.filter((c) => !among(now)(c)),
      false,
    );
    this.#record(
      now.filter((c) => !among(old)(c)),
      true,
    );
    this.#covered = now;
    this.#config = config;
    this.#feed(config);
  }

  /**
   * Other exclusions, and nothing else.
   *
   * @throws WeirError SENSOR_MAP_FAILED, see reconfigure
   */
  exclude(rules: readonly ExclusionRule[]): void {
    this.reconfigure({ ...this.#config, exclude: [...rules] });
  }

  #pushDown(config: Config): PushedDown {
    const { exclusions } = this.#options;
    return pushDown(config, thisHost(), (rule) => exclusions.slotOf(rule));
  }

  /** The feeds that a configuration asks for take the place of those before them. */
  #feed(config: Config): void {
    // Who brings events along brings all of them.
    if (this.#options.makeProvider !== undefined) return;
    const { log } = this.#options;
    const { host_events: from, collect, provider } = config;
    const wanted = JSON.stringify([from, collect.host, provider === 'off']);
    if (wanted === this.#feeds) return;
    this.#feeds = wanted;
    const before = this.#host?.coverage();
    const { all, yara } = configuredFeeds(config);
    this.#host = all.length > 0 ? new HostSource({ feeds: all, rate: from.rate_limit, log }) : null;
    this.#yara = yara;
    this.#pump.putBeside(this.#host);
    const now = this.#host?.coverage();
    if (before?.covered) this.#uncover([before]);
    if (now?.covered) this.#record([now], true);
  }

  /** Failures of operators so far. */
  get failures(): ReadonlyMap<string, number> {
    return this.#guard.failures;
  }

  #pipeline(config: Config, rules: StreamRules): ReturnType<typeof streamPipeline> {
    return streamPipeline({
      config,
      rules,
      count: (stage, eventClass, rows) => native.count(stage, eventClass, rows),
      suppressed: (slot, rows) => this.#options.exclusions.suppressed(slot, rows),
      makeKeeper: (eventClass) => new native.RowKeeper(eventClass),
      guard: this.#guard,
      live: this.live,
      trees: this.#trees,
    });
  }

  #append(batch: EventBatch): void {
    const { store, appended, judged } = this.#options;
    this.#guard.run('yara', () => this.#yara?.watch(batch), undefined);
    const whole = batch.selected === batch.rows;
    store.native.append(batch.native, whole ? null : batch.selection, batch.streamColumns);
    this.#lastEvent = Math.floor(Date.now() / 1000);
    appended();
    if (batch.className === 'behavior') for (const one of verdictsOf(batch)) judged(one);
  }

  /** Begins the intervals of a provider; returns what it covers. */
  #cover(provider: EventProvider): readonly ClassCoverage[] {
    const covered = provider.coverage().filter((c) => c.covered);
    this.#record(covered, true);
    return covered;
  }

  #uncover(covered: readonly ClassCoverage[]): void {
    this.#record(covered, false);
  }

  #record(covered: readonly ClassCoverage[], on: boolean): void {
    for (const { className, provider, tier } of covered) {
      this.#options.store.native.coverage(CLASS_NAMES.indexOf(className), provider, tier, on);
    }
  }
}
