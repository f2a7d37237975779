import { statSync } from 'node:fs';
import { conditionsOf, exclusionId, isExpired, scopeOf } from '../config/exclusion.ts';
import {
  checkExclusion,
  readExclusions,
  withExclusion,
  withoutExclusion,
  writeExclusions,
} from '../config/exclusion-file.ts';
import type { Logger } from '../config/log.ts';
import type { Config, ExclusionRule } from '../config/schema.ts';
import { native } from '../native/addon.ts';
import { EXCLUSION_SLOTS } from '../native/sensor.ts';
import { pushDown } from '../stream/push-down.ts';
import { RowExclusions } from '../stream/row-exclusions.ts';
import { OTHER_SLOT } from '../stream/rules.ts';

/** An exclusion as it is listed. */
export interface ShownExclusion {
  readonly id: string;
  readonly scope: string;
  readonly decided_by: string; // kernel, stream, both, detection, response; '' when it does not work
  readonly status: 'active' | 'expired' | 'removed';
  readonly origin: 'configuration' | 'command';
  readonly conditions: object;
  readonly reason: string | null;
  readonly created: number | null;
  readonly expires: number | null;
  readonly suppressed: number;
  readonly suppressed_kernel: number;
  readonly suppressed_stream: number;
  readonly suppressed_detections: number;
}

export interface ExclusionsOptions {
  readonly stateDir: string;
  readonly config: Config;
  readonly log: Logger;
}

interface Slot {
  readonly slot: number;
  readonly rule: ExclusionRule;
}

/** How long a program that was replaced is unknown to the kernel, and an expired rule works on. */
const CHECK_MS = 10_000;

/** All exclusions of a daemon: the configuration's and those added by command, with their counts. */
export class Exclusions {
  readonly #options: ExclusionsOptions;
  readonly #slots = new Map<string, Slot>(); // of all that ever were, by id
  readonly #stream = new Float64Array(EXCLUSION_SLOTS);
  readonly #hidden = new Map<string, number>();
  readonly #places = new Map<string, string>();
  #config: Config;
  #added: readonly ExclusionRule[];
  #rows = new RowExclusions([]);
  #timer: NodeJS.Timeout | undefined;
  #files = '';
  #apply: ((rules: readonly ExclusionRule[]) => void) | undefined;

  /** @throws WeirError CONFIG_UNREADABLE, CONFIG_INVALID (78) */
  constructor(options: ExclusionsOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#added = readExclusions(options.stateDir);
    this.#changed();
  }

  /** From now on changes take effect through `apply`, which throws when one cannot be had. */
  start(apply: (rules: readonly ExclusionRule[]) => void): void {
    this.#apply = apply;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#apply = undefined;
  }

  /** A configuration with the exclusions that were added to it. */
  over(config: Config): Config {
    return { ...config, exclude: [...config.exclude, ...this.#added] };
  }

  /** The configuration was replaced by another one. */
  configured(config: Config): void {
    this.#config = config;
    this.#changed();
    this.#schedule();
  }

  /** Where an exclusion counts: the same place as long as the daemon runs. */
  slotOf(rule: ExclusionRule): number {
    return this.#slots.get(exclusionId(rule))?.slot ?? OTHER_SLOT;
  }

  /** The stream dropped rows. */
  suppressed(slot: number, rows: number): void {
    this.#stream[slot] = (this.#stream[slot] ?? 0) + rows;
  }

  /** Whether a detection is not to be made; it is counted then. */
  hides(query: string, row: Readonly<Record<string, unknown>>): boolean {
    return this.#count(this.#rows.holding('detection', row, { query }));
  }

  /** Whether nothing is to be done about a detection; that is counted then. */
  spares(query: string, row: Readonly<Record<string, unknown>>): boolean {
    return this.#count(this.#rows.holding('response', row, { query }));
  }

  #count(ids: readonly string[]): boolean {
    const [first] = ids;
    if (first === undefined) return false;
    this.#hidden.set(first, (this.#hidden.get(first) ?? 0) + 1);
    return true;
  }

  /** @throws WeirError EXCLUSION_INVALID, EXCLUSION_EXISTS, CONFIG_NOT_WRITTEN, SENSOR_* */
  add(rule: unknown): ShownExclusion {
    const now = Math.floor(Date.now() / 1000);
    const added: ExclusionRule = { created: now, ...checkExclusion(rule) };
    withExclusion([...this.#config.exclude, ...this.#added], added);
    this.#replace([...this.#added, added]);
    const id = exclusionId(added);
    this.#options.log.info({ exclusion: id, conditions: conditionsOf(added) }, 'excluded');
    return this.list().find((shown) => shown.id === id) as ShownExclusion;
  }

  /** @throws WeirError EXCLUSION_UNKNOWN, CONFIG_NOT_WRITTEN, SENSOR_* */
  remove(ids: readonly string[]): void {
    let left = this.#added;
    for (const id of ids) left = withoutExclusion(left, this.#config.exclude, id);
    this.#replace(left);
    this.#options.log.info({ exclusions: ids }, 'no longer excluded');
  }

  list(): readonly ShownExclusion[] {
    const now = Date.now() / 1000;
    const kernel = native.excluded();
    const configured = new Set(this.#config.exclude.map(exclusionId));
    const added = new Set(this.#added.map(exclusionId));
    const shown = [...this.#slots].map(([id, { slot, rule }]): ShownExclusion => {
      const there = configured.has(id) || added.has(id);
      const status = !there ? 'removed' : isExpired(rule, now) ? 'expired' : 'active';
      const detections = this.#hidden.get(id) ?? 0;
      const own = slot === OTHER_SLOT ? 0 : (kernel[slot] ?? 0);
      const stream = slot === OTHER_SLOT ? 0 : (this.#stream[slot] ?? 0);
      return {
        id,
        scope: scopeOf(rule),
        decided_by: status === 'active' ? (this.#places.get(id) ?? '') : '',
        status,
        origin: configured.has(id) ? 'configuration' : 'command',
        conditions: conditionsOf(rule),
        reason: rule.reason ?? null,
        created: rule.created ?? null,
        expires: rule.expires ?? null,
        suppressed: own + stream + detections,
        suppressed_kernel: own,
        suppressed_stream: stream,
        suppressed_detections: detections,
      };
    });
    const others = [kernel[OTHER_SLOT] ?? 0, this.#stream[OTHER_SLOT] ?? 0] as const;
    if (others[0] + others[1] === 0) return shown;
    return [...shown, other(...others)];
  }

  /** Writes them, and makes them work; what cannot be had changes nothing. */
  #replace(added: readonly ExclusionRule[]): void {
    const before = this.#added;
    const { stateDir } = this.#options;
    writeExclusions(stateDir, added);
    this.#added = added;
    this.#changed();
    try {
      this.#apply?.(this.over(this.#config).exclude);
    } catch (error) {
      this.#added = before;
      this.#changed();
      writeExclusions(stateDir, before);
      this.#apply?.(this.over(this.#config).exclude);
      throw error;
    }
    this.#schedule();
  }

  #changed(): void {
    const config = this.over(this.#config);
    for (const rule of config.exclude) {
      const id = exclusionId(rule);
      const known = this.#slots.get(id)?.slot;
      const next = this.#slots.size + 1;
      const slot = known ?? (next < EXCLUSION_SLOTS ? next : OTHER_SLOT);
      this.#slots.set(id, { slot, rule });
    }
    this.#rows = new RowExclusions(config.exclude);
    this.#files = filesOf(config.exclude);
    this.#places.clear();
    const { places } = pushDown(config);
    for (const [index, rule] of config.exclude.entries()) {
      const place = places.get(index) ?? (scopeOf(rule) === 'collection' ? '' : scopeOf(rule));
      this.#places.set(exclusionId(rule), place);
    }
  }

  /** The next expiry takes effect by itself. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const now = Date.now() / 1000;
    const rules = this.over(this.#config).exclude;
    if (rules.length === 0 || this.#apply === undefined) return;
    const next = rules.map(({ expires = 0 }) => expires).filter((at) => at > now);
    const wait = Math.min(CHECK_MS, (Math.min(...next) - now) * 1000 + 10);
    this.#timer = setTimeout(() => this.#check(now), wait).unref();
  }

  /** Takes back what has expired since, and gives the kernel executables that were replaced. */
  #check(since: number): void {
    const { log } = this.#options;
    const now = Date.now() / 1000;
    const rules = this.over(this.#config).exclude;
    const expired = rules.filter((rule) => !isExpired(rule, since) && isExpired(rule, now));
    const files = filesOf(rules);
    try {
      if (expired.length > 0 || files !== this.#files) {
        this.#replace(this.#added.filter((rule) => !isExpired(rule, now)));
      }
      if (expired.length > 0) {
        log.info({ exclusions: expired.map(exclusionId) }, 'exclusions expired');
      }
    } catch (error) {
      log.error({ err: error }, 'exclusions could not be renewed');
    }
    this.#schedule();
  }
}

/** Which files the names of executables stand for: another one has another inode. */
function filesOf(rules: readonly ExclusionRule[]): string {
  const names = rules.flatMap(({ executable }) => (executable === undefined ? [] : [executable]));
  const ids = names.map((name) => {
    try {
      const { dev, ino } = statSync(name);
      return `${dev}:${ino}`;
    } catch {
      return '';
    }
  });
  return ids.join(' ');
}

/** Reads outside of `read_paths`, which the kernel could not tell; exclusions beyond the slots. */
function other(kernel: number, stream: number): ShownExclusion {
  return {
    id: 'other',
    scope: 'collection',
    decided_by: kernel > 0 ? 'kernel, stream' : 'stream',
    status: 'active',
    origin: 'configuration',
    conditions: {},
    reason: 'opens for reading outside of read_paths, and exclusions beyond the 1023rd',
    created: null,
    expires: null,
    suppressed: kernel + stream,
    suppressed_kernel: kernel,
    suppressed_stream: stream,
    suppressed_detections: 0,
  };
}
