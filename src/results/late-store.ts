import { WeirError } from '../config/errors.ts';
import type { ResultStore } from './store.ts';

/**
 * A results database that may be away when the daemon starts, as one on another host may be: methods
 * reject with RESULTS_UNAVAILABLE until it was opened.
 */
export class LateStore {
  readonly store: ResultStore;
  readonly #open: () => Promise<ResultStore>;
  #opened: ResultStore | undefined;
  #why = 'not opened yet';
  #closed = false;

  constructor(open: () => Promise<ResultStore>) {
    this.#open = open;
    const late = this;
    this.store = new Proxy({} as ResultStore, {
      get(_, key) {
        const value: unknown = Reflect.get(late.#opened ?? {}, key);
        if (key === 'id') return value ?? '';
        // Looked up at each call: whoever kept the method from before has the opened store's then.
        return (...args: readonly unknown[]) => late.#call(key as keyof ResultStore, args);
      },
    });
  }

  /** Why it cannot be used yet; '' when it can. */
  get why(): string {
    return this.#opened === undefined ? this.#why : '';
  }

  /** Does nothing when it is open already. Rejects with RESULTS_UNAVAILABLE. */
  async open(): Promise<void> {
    if (this.#opened !== undefined) return;
    try {
      const opened = await this.#open();
      if (this.#closed) await opened.close();
      else this.#opened = opened;
    } catch (error) {
      this.#why = (error as Error).message;
      throw error;
    }
  }

  async #call(name: keyof ResultStore, args: readonly unknown[]): Promise<unknown> {
    const opened = this.#opened;
    if (name === 'close') this.#closed = true;
    if (opened === undefined) {
      if (name === 'close') return undefined;
      throw new WeirError('RESULTS_UNAVAILABLE', this.#why);
    }
    const method = Reflect.get(opened, name) as (...args: unknown[]) => unknown;
    return method.apply(opened, [...args]);
  }
}
