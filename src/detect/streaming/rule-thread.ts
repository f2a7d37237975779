import { Worker } from 'node:worker_threads';
import { WeirError } from '../../config/errors.ts';
import { native } from '../../native/addon.ts';
import type { PassRequest, PassResult, RuleThreadData, RuleThreadMessage } from './messages.ts';

/** Old-generation heap: rows leave the thread with every pass. */
const HEAP_MB = 96;
const YOUNG_MB = 6;

/** The rule thread seen from the main thread: one pass at a time. */
export class RuleThread {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  #connection = 0;
  #pass: PromiseWithResolvers<PassResult> | null = null;
  #lastError: Error | null = null;
  #ended = false;

  constructor(data: RuleThreadData) {
    this.#worker = new Worker(new URL('./rule-worker.ts', import.meta.url), {
      workerData: data,
      name: 'weir-rules',
      trackUnmanagedFds: false, // as of query threads
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (message: RuleThreadMessage) => this.#told(message));
    this.#worker.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.#worker.on('exit', () => {
      this.#ended = true;
      const error = this.#death();
      this.#ready.reject(error);
      this.#pass?.reject(error);
    });
    this.#ready.promise.catch(() => {});
  }

  /** Rejects with WeirError RULE_THREAD. */
  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  /** Rejects with WeirError RULE_THREAD when the thread ends. */
  pass(request: PassRequest): Promise<PassResult> {
    this.#pass = Promise.withResolvers<PassResult>();
    if (this.#ended) this.#pass.reject(this.#death());
    this.#worker.postMessage(request);
    return this.#pass.promise;
  }

  /** Ends the thread, also in the middle of a pass, whose promise then rejects. */
  async close(): Promise<void> {
    try {
      if (this.#connection !== 0 && !this.#ended) native.connections.interrupt(this.#connection);
    } catch {
      // It has closed its connection already.
    }
    await this.#worker.terminate();
  }

  #told(message: RuleThreadMessage): void {
    if (message.kind === 'ready') {
      this.#connection = message.connection;
      this.#ready.resolve();
      return;
    }
    const pass = this.#pass;
    this.#pass = null;
    pass?.resolve(message);
  }

  #death(): WeirError {
    const why = this.#lastError === null ? '' : `: ${this.#lastError.message}`;
    return new WeirError('RULE_THREAD', `the rule thread ended${why}`, { cause: this.#lastError });
  }
}
