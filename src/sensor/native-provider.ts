import { type ExitCode, WeirError } from '../config/errors.ts';
import type { NativeBatch } from '../native/batch.ts';
import type { HookState, KernelFilters, NativeSensor } from '../native/sensor.ts';
import type { ClassCoverage, EventProvider } from './provider.ts';
import { CLASS_NAMES, type ClassName } from './schema.ts';

/** What is made of events that other classes' hooks see: it is covered when they are. */
type MadeOf = Readonly<Partial<Record<ClassName, ClassName>>>;
const MADE_OF: MadeOf = { seen: 'process' };

/** A native sensor as a provider. */
export class NativeProvider implements EventProvider {
  readonly name: string;
  readonly #tiers: readonly string[];
  readonly #madeOf: MadeOf;
  readonly #sensor: NativeSensor;
  #classes: number;
  #running = false;

  /**
   * @param tiers the main one first: a class is named after the best hook that feeds it
   * @param classes bit set of those that are collected
   * @param madeOf classes beside `seen` that this provider makes of others' events
   */
  constructor(
    name: string,
    tiers: readonly string[],
    sensor: NativeSensor,
    classes: number,
    madeOf: MadeOf = {},
  ) {
    this.#madeOf = { ...MADE_OF, ...madeOf };
    this.name = name;
    this.#tiers = tiers;
    this.#sensor = sensor;
    this.#classes = classes;
  }

  /**
   * Attaches and seeds; synchronous, some 100 ms.
   *
   * @throws WeirError SENSOR_NO_PERMISSION (exit code 77), SENSOR_NO_BTF, SENSOR_UNSUPPORTED,
   * SENSOR_NOT_BUILT, SENSOR_LOAD_FAILED, SENSOR_ATTACH_FAILED, SENSOR_MAP_FAILED,
   * SENSOR_NO_NETLINK
   */
  start(wake: () => void): void {
    attempt(() => this.#sensor.start(wake));
    this.#running = true;
  }

  next(): NativeBatch | null {
    return this.#sensor.next();
  }

  /** @throws WeirError SENSOR_MAP_FAILED; the filters are then partly the old ones */
  configure(filters: KernelFilters): void {
    attempt(() => this.#sensor.configure(filters));
    this.#classes = filters.classes;
  }

  /** Every program with its state; for doctor. */
  hooks(): readonly HookState[] {
    return this.#sensor.hooks();
  }

  coverage(): readonly ClassCoverage[] {
    const hooks = this.#sensor.hooks();
    return CLASS_NAMES.map((className) => {
      const bit = 1 << CLASS_NAMES.indexOf(this.#madeOf[className] ?? className);
      const feeding = hooks.filter((hook) => hook.wanted && (hook.classes & bit) !== 0);
      const attached = feeding.filter((hook) => hook.attached);
      const tier = this.#tiers.find((name) => attached.some((hook) => hook.tier === name));
      const on = this.#running && (this.#classes & bit) !== 0;
      return {
        className,
        provider: this.name,
        tier: tier ?? '',
        covered: on && attached.length > 0,
        missing: feeding
          .filter((hook) => !hook.attached)
          .map((hook) => `${hook.hook}: ${hook.reason}`),
      };
    });
  }

  drain(): void {
    this.#sensor.drain();
  }

  stop(): void {
    this.#sensor.stop();
    this.#running = false;
  }
}

/** The addon throws plain errors with a code; the rest of weir matches on WeirError. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !code.startsWith('SENSOR_')) throw error;
    const exitCode: ExitCode = code === 'SENSOR_NO_PERMISSION' ? 77 : 1;
    throw new WeirError(code, (error as Error).message, { exitCode, cause: error });
  }
}
