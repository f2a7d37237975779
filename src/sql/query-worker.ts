import { Worker } from 'node:worker_threads';
import { WeirError } from '../config/errors.ts';
import type { ViewList } from './connection.ts';
import {
  type Chunk,
  CREDIT,
  type RunMessage,
  STOP,
  WINDOW_CHUNKS,
  type WorkerData,
  type WorkerMessage,
} from './messages.ts';
import type { QueryStats, ResultColumn } from './types.ts';

export interface QueryEnd {
  readonly stats: QueryStats;
  readonly truncated: boolean;
  /** What tables could not read, one line each; the rows are what they could. */
  readonly warnings: readonly string[];
}

/** Callbacks of one running query; `ended` or `failed` is the last and comes exactly once. */
export interface QueryListener {
  columns(columns: readonly ResultColumn[]): void;
  chunk(chunk: Chunk): void;
  ended(end: QueryEnd): void;
  failed(error: WeirError): void;
}

/** Old-generation heap of one query thread; rows leave it in small chunks. */
const HEAP_MB = 64;
const YOUNG_MB = 6;

/** One query thread seen from the main thread: idle, or running for one listener. */
export class QueryWorker {
  readonly #worker: Worker;
  readonly #credit: Int32Array;
  readonly #interrupt: (connection: number) => void;
  readonly #onExit: (worker: QueryWorker) => void;
  #connection = 0;
  #listener: QueryListener | null = null;
  #lastError: Error | null = null;
  #ready: Promise<void>;
  #closing = false;

  /**
   * @param interrupt interrupts what the connection with this id runs
   * @param onExit called when the thread has ended without `close`
   */
  constructor(
    path: string,
    interrupt: (connection: number) => void,
    onExit: (worker: QueryWorker) => void,
    script = new URL('./worker.ts', import.meta.url),
    views: ViewList = [],
  ) {
    const credit = new SharedArrayBuffer(8);
    this.#credit = new Int32Array(credit);
    this.#interrupt = interrupt;
    this.#onExit = onExit;
    const workerData: WorkerData = { path, views, credit };
    this.#worker = new Worker(script, {
      workerData,
      name: 'weir-query',
      // Tables close descriptors that the addon opened: Node would warn of each.
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') {
          this.#connection = message.connection;
          resolve();
        } else this.#dispatch(message);
      });
      this.#worker.on('error', (error: Error) => {
        this.#lastError = error;
      });
      this.#worker.on('exit', () => {
        const error = this.#death();
        reject(error);
        this.#finish()?.failed(error);
        if (!this.#closing) this.#onExit(this);
      });
    });
    this.#ready.catch(() => {});
  }

  /** Settles when the connection is open; rejects with WeirError SQL_WORKER or STORE_CORRUPT. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get idle(): boolean {
    return this.#listener === null;
  }

  run(message: RunMessage, listener: QueryListener): void {
    this.#listener = listener;
    Atomics.store(this.#credit, STOP, 0);
    Atomics.store(this.#credit, CREDIT, WINDOW_CHUNKS);
    this.#worker.postMessage(message);
  }

  /** The consumer has taken a chunk. */
  give(): void {
    Atomics.add(this.#credit, CREDIT, 1);
    Atomics.notify(this.#credit, CREDIT);
  }

  /** Stops the running query. An interrupt that finds no statement running has no effect. */
  stop(): void {
    if (this.#listener === null) return;
    Atomics.store(this.#credit, STOP, 1);
    this.#interrupt(this.#connection);
    this.give();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.stop();
    await this.#worker.terminate();
  }

  #death(): WeirError {
    const code = (this.#lastError as { code?: unknown } | null)?.code;
    if (code === 'STORE_CORRUPT') return new WeirError(code, this.#lastError?.message ?? '');
    const why = this.#lastError === null ? '' : `: ${this.#lastError.message}`;
    return new WeirError('SQL_WORKER', `the query thread ended${why}`, { cause: this.#lastError });
  }

  #finish(): QueryListener | null {
    const listener = this.#listener;
    this.#listener = null;
    return listener;
  }

  #dispatch(message: Exclude<WorkerMessage, { kind: 'ready' }>): void {
    switch (message.kind) {
      case 'columns':
        this.#listener?.columns(message.columns);
        break;
      case 'chunk':
        this.#listener?.chunk(message.chunk);
        break;
      case 'end':
        this.#finish()?.ended(message);
        break;
      case 'error':
        this.#finish()?.failed(new WeirError(message.code, message.message));
        break;
    }
  }
}
