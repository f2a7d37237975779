import type { WeirError } from '../config/errors.ts';
import type { Chunk } from './messages.ts';
import type { QueryEnd } from './query-worker.ts';
import type { ResultColumn } from './types.ts';

/**
 * A result while it is made. Chunks wait here only as far as the query thread has credit, so a slow
 * reader slows the query down instead of filling memory.
 */
export class QueryStream implements AsyncIterable<Chunk> {
  readonly #columns = Promise.withResolvers<readonly ResultColumn[]>();
  readonly #end = Promise.withResolvers<QueryEnd>();
  readonly #waiting: Chunk[] = [];
  readonly #give: () => void;
  readonly #cancel: () => void;
  #wake: (() => void) | null = null;
  #done = false;
  #error: WeirError | null = null;

  constructor(give: () => void, cancel: () => void) {
    this.#give = give;
    this.#cancel = cancel;
    // Whoever iterates gets the error there.
    this.#columns.promise.catch(() => {});
    this.#end.promise.catch(() => {});
  }

  /** Resolves before the first chunk; rejects when the statement is wrong. */
  get columns(): Promise<readonly ResultColumn[]> {
    return this.#columns.promise;
  }

  get end(): Promise<QueryEnd> {
    return this.#end.promise;
  }

  /** Ends the query with SQL_CANCELLED; nothing when it is over. */
  cancel(): void {
    if (!this.#done) this.#cancel();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#waiting.shift();
        if (chunk !== undefined) {
          this.#give();
          yield chunk;
        } else if (this.#error !== null) {
          throw this.#error;
        } else if (this.#done) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.cancel();
    }
  }

  columnsKnown(columns: readonly ResultColumn[]): void {
    this.#columns.resolve(columns);
  }

  chunk(chunk: Chunk): void {
    this.#waiting.push(chunk);
    this.#awake();
  }

  ended(end: QueryEnd): void {
    this.#done = true;
    this.#end.resolve(end);
    this.#awake();
  }

  failed(error: WeirError): void {
    this.#done = true;
    this.#error = error;
    this.#columns.reject(error);
    this.#end.reject(error);
    this.#awake();
  }

  #awake(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
