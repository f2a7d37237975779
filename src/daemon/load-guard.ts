import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';

type Collect = Config['collect'];

/** What is given up, one step after the other; who runs what is watched to the last. */
export const SHED_STEPS = [
  { what: 'rules and scheduled queries', classes: [] },
  { what: 'file events', classes: ['file'] },
  { what: 'socket, DNS and kernel events', classes: ['socket', 'dns', 'kernel'] },
] as const;

/** A daemon's use of the machine so far. */
export interface Usage {
  readonly memoryBytes: number; // resident
  readonly cpuSeconds: number; // user and system, all threads
  readonly atSeconds: number; // of a clock that only goes forward
}

export interface LoadGuardOptions {
  readonly limits: Config['limits'];
  readonly usage: () => Usage;
  /** Gives up the first `level` steps, and takes the others back. */
  readonly shed: (level: number) => Promise<void>;
  readonly log: Logger;
}

export interface Shedding {
  readonly level: number; // steps that are given up now
  readonly what: readonly string[];
  readonly times: number; // that one more was, since the start
  readonly why: string;
}

const SAMPLE_MS = 1000;
/** Of the limit: above it something is given up, so that the limit itself is never met. */
const HIGH = 0.9;
const LOW = 0.7;
/** Samples in a row until a step is given up, and until one is taken back. */
const PATIENCE = 5;
const CALM = 10;

const MIB = 1 << 20;

/** Keeps the daemon below its limits, by doing less and saying so, before something else ends it. */
export class LoadGuard {
  readonly #options: LoadGuardOptions;
  readonly #last: Usage[] = [];
  #level = 0;
  #times = 0;
  #why = '';
  #above = 0;
  #below = 0;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> = Promise.resolve();

  constructor(options: LoadGuardOptions) {
    this.#options = options;
  }

  start(): void {
    const { memory, cpu_percent: cpu } = this.#options.limits;
    if (memory === 0 && cpu === 0) return;
    this.#timer = setInterval(() => void this.sample(), SAMPLE_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#busy;
  }

  get shedding(): Shedding {
    const what = SHED_STEPS.slice(0, this.#level).map((step) => step.what);
    return { level: this.#level, what, times: this.#times, why: this.#why };
  }

  /** The configured classes without those that are given up. */
  collect(configured: Collect): Collect {
    const off = SHED_STEPS.slice(0, this.#level).flatMap(({ classes }) => classes);
    return { ...configured, ...Object.fromEntries(off.map((name) => [name, false])) };
  }

  /** Looks once, as it does every second. Never rejects. */
  sample(): Promise<void> {
    this.#busy = this.#busy.then(() => this.#look());
    return this.#busy;
  }

  async #look(): Promise<void> {
    const { share, why } = this.#worst();
    this.#above = share > HIGH ? this.#above + 1 : 0;
    this.#below = share < LOW ? this.#below + 1 : 0;
    if (this.#above >= PATIENCE && this.#level < SHED_STEPS.length) {
      this.#why = why;
      this.#times++;
      await this.#goTo(this.#level + 1, 'less is done to stay below a limit');
    } else if (this.#below >= CALM && this.#level > 0) {
      await this.#goTo(this.#level - 1, 'a part of what was given up is taken back');
    }
  }

  async #goTo(level: number, message: string): Promise<void> {
    const { shed, log } = this.#options;
    this.#above = 0;
    this.#below = 0;
    this.#level = level;
    if (level === 0) this.#why = '';
    const { what, why } = this.shedding;
    log.warn({ given_up: what, why }, message);
    try {
      await shed(level);
    } catch (error) {
      log.error({ err: error }, 'doing less failed');
    }
  }

  /** How near to a limit, as share of it, and which. */
  #worst(): { readonly share: number; readonly why: string } {
    const { memory, cpu_percent: cpuLimit } = this.#options.limits;
    const now = this.#options.usage();
    this.#last.push(now);
    if (this.#last.length > PATIENCE + 1) this.#last.shift();
    const first = this.#last[0] ?? now;
    // By the clock: on a busy host samples come late.
    const seconds = now.atSeconds - first.atSeconds;
    const percent = seconds === 0 ? 0 : ((now.cpuSeconds - first.cpuSeconds) / seconds) * 100;
    const ofMemory = memory === 0 ? 0 : now.memoryBytes / memory;
    const ofCpu = cpuLimit === 0 ? 0 : percent / cpuLimit;
    const mib = (bytes: number): number => Math.round(bytes / MIB);
    const why =
      ofMemory >= ofCpu
        ? `memory: ${mib(now.memoryBytes)} of ${mib(memory)} MiB`
        : `processor: ${Math.round(percent)} of ${cpuLimit} % of one`;
    return { share: Math.max(ofMemory, ofCpu), why };
  }
}
