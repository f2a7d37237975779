import { native } from '../native/addon.ts';

/** By then everything that only starting, or reloading, runs has run. */
const SETTLED_MS = 1000;
/** What rules and the store have freed lies scattered between what is in use. */
const TRIM_MS = 60_000;

/**
 * Gives memory back that starting and reloading needed and running does not: pages of program code,
 * and garbage that V8 would leave lying until there is twice as much. And, now and then, what malloc
 * has kept of freed memory.
 */
export class Settle {
  readonly #trim = setInterval(() => native.trimHeap(), TRIM_MS).unref();
  #settled: NodeJS.Timeout | undefined;

  /** Something large was made anew. */
  soon(): void {
    clearTimeout(this.#settled);
    this.#settled = setTimeout(() => {
      // There with `--expose-gc`, as the launcher starts the daemon.
      globalThis.gc?.();
      native.trimHeap();
      native.dropProgramPages();
    }, SETTLED_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#settled);
    clearInterval(this.#trim);
  }
}
