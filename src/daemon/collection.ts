import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import type { EventBatch } from '../sensor/batch.ts';
import { EbpfProvider } from '../sensor/ebpf-provider.ts';
import { type KernelFilters, native } from '../sensor/native.ts';
import type { ClassCoverage, EventProvider } from '../sensor/provider.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { StreamGuard } from '../stream/guard.ts';
import { streamPipeline } from '../stream/pipeline.ts';
import { Pump } from '../stream/pump.ts';
import { pushDown } from '../stream/push-down.ts';
import type { StreamRules } from '../stream/rules.ts';
import { LiveTee } from '../stream/tee.ts';
import type { EventStore } from './event-store.ts';
import { knownImages } from './known-images.ts';

/** build/bpf, where the set-up puts the compiled programs. */
const BPF_DIRECTORY = new URL('../../build/bpf', import.meta.url).pathname;

export interface CollectionOptions {
  readonly config: Config;
  readonly store: EventStore;
  readonly log: Logger;
  /** Rows were appended. */
  readonly appended: () => void;
  /** For tests and replay; default: eBPF. */
  readonly makeProvider?: (filters: KernelFilters) => EventProvider;
}

/** The way of events from the kernel to the store. */
export class Collection {
  readonly live: LiveTee;
  readonly provider: EventProvider;
  readonly #options: CollectionOptions;
  readonly #guard: StreamGuard;
  readonly #pump: Pump;
  #covered: readonly ClassCoverage[] = [];

  /** @throws WeirError CONFIG_SCOPE (78), SENSOR_* */
  constructor(options: CollectionOptions) {
    this.#options = options;
    const { config, log } = options;
    this.#guard = new StreamGuard((operator, error) =>
      log.error({ operator, err: error }, 'an operator failed; its batch goes on without it'),
    );
    this.live = new LiveTee({
      onDropped: (error) => log.warn({ err: error }, 'a live subscriber failed and was dropped'),
    });
    const { filters, rules, warnings } = pushDown(config);
    for (const warning of warnings) log.warn(warning);
    this.provider = (options.makeProvider ?? ((f) => this.#ebpf(f)))(filters);
    this.#pump = new Pump({
      provider: this.provider,
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
    this.#pump.start();
    this.#covered = this.provider.coverage().filter(({ covered }) => covered);
    this.#cover(true);
    this.#pump.drain();
  }

  /** Reads what has happened up to now, detaches, and appends all that waited. */
  stop(): void {
    this.#pump.stop();
    this.#cover(false);
  }

  /** Other categories from now on, and the reads that file_accesses wants of them. */
  watchFilePaths(filePaths: Config['file_paths']): void {
    const config = { ...this.#options.config, file_paths: filePaths };
    const { filters, rules } = pushDown(config);
    this.provider.configure(filters);
    this.#pump.replace(this.#pipeline(config, rules));
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
      makeKeeper: (eventClass) => new native.RowKeeper(eventClass),
      guard: this.#guard,
      live: this.live,
    });
  }

  #ebpf(filters: KernelFilters): EventProvider {
    const { store, log } = this.#options;
    let images: ReturnType<typeof knownImages> | undefined;
    try {
      images = knownImages(store.path);
    } catch (error) {
      log.warn({ err: error }, 'known images could not be read: running ones are seen anew');
    }
    return new EbpfProvider({
      bpfDirectory: BPF_DIRECTORY,
      filters,
      ...(images === undefined ? {} : { knownImages: images }),
    });
  }

  #append(batch: EventBatch): void {
    const { store, appended } = this.#options;
    const whole = batch.selected === batch.rows;
    store.native.append(batch.native, whole ? null : batch.selection, batch.streamColumns);
    appended();
  }

  #cover(on: boolean): void {
    for (const { className, provider, tier } of this.#covered) {
      this.#options.store.native.coverage(CLASS_NAMES.indexOf(className), provider, tier, on);
    }
  }
}
