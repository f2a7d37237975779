import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import type { CaptureStep } from '../native/capture.ts';
import { openConnection } from '../sql/connection.ts';
import { EventStore } from './event-store.ts';
import { StateLock } from './lock.ts';
import { prepareStateDir } from './preflight.ts';

// What may wait in memory: well below what the store holds before it gives rows up.
const FLUSH_ROWS = 262_144;
const FLUSH_BYTES = 16 << 20;

type CapturedRows = Extract<CaptureStep, { readonly batch: unknown }>;

/** Appends events that were captured before; they keep their times and ids and get new seqs. */
export class EventImport {
  readonly #lock: StateLock;
  readonly #store: EventStore;
  #unflushedRows = 0;
  #unflushedBytes = 0;

  private constructor(lock: StateLock, store: EventStore) {
    this.#lock = lock;
    this.#store = store;
  }

  /**
   * Takes the state directory as a daemon does.
   *
   * @param append whether the store may hold events already
   *
   * Rejects with WeirError DAEMON_RUNNING, STATE_NOT_WRITABLE, STORE_UNUSABLE, STORE_NOT_EMPTY.
   */
  static async open(stateDir: string, append: boolean): Promise<EventImport> {
    prepareStateDir(stateDir);
    const lock = StateLock.take(stateDir);
    try {
      // Old events are what is asked for: nothing is too old here.
      const store = EventStore.forImport(stateDir);
      try {
        if (!append && holdsEvents(store.path)) {
          const message = `${store.path} holds events already; import into an empty state directory, or give --append`;
          throw new WeirError('STORE_NOT_EMPTY', message);
        }
        return new EventImport(lock, store);
      } catch (error) {
        await store.close();
        throw error;
      }
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Takes over the batch. Rejects with WeirError IMPORT_WRITE when the disk takes no more. */
  async append({ batch, columns, rows, bytes }: CapturedRows): Promise<void> {
    native.count('seen', batch.eventClass, rows);
    const selection =
      rows === batch.rows ? null : Uint8Array.from({ length: batch.rows }, (_, r) => +(r < rows));
    const stored = this.#store.native.append(batch, selection, columns);
    native.release(batch);
    if (stored.rows < rows) throw unwritable('rows did not fit', undefined);
    this.#unflushedRows += rows;
    this.#unflushedBytes += bytes;
    const much = this.#unflushedBytes >= FLUSH_BYTES;
    if (much || this.#unflushedRows >= FLUSH_ROWS) await this.#flush();
  }

  /** Rejects with WeirError IMPORT_WRITE; what was written before stays. */
  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#store.close();
      this.#lock.release();
    }
  }

  async #flush(): Promise<void> {
    this.#unflushedRows = 0;
    this.#unflushedBytes = 0;
    try {
      await this.#store.native.flush();
    } catch (error) {
      throw unwritable((error as Error).message, error);
    }
  }
}

function unwritable(why: string, cause: unknown): WeirError {
  return new WeirError('IMPORT_WRITE', `events cannot be written: ${why}`, { cause });
}

function holdsEvents(path: string): boolean {
  const { db } = openConnection(path);
  try {
    return db.prepare('SELECT 1 FROM weir_tables WHERE rows > 0').get() !== undefined;
  } finally {
    db.close();
  }
}
