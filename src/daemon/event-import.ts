import { WeirError } from '../config/errors.ts';
import { EventBatch } from '../sensor/batch.ts';
import { native } from '../sensor/native.ts';
import { BATCH_ROWS, CLASS_NAMES, CLASSES, type ClassName } from '../sensor/schema.ts';
import { openConnection } from '../sql/connection.ts';
import { EventStore } from './event-store.ts';
import { StateLock } from './lock.ts';
import { prepareStateDir } from './preflight.ts';

/** A stored row by its columns' names, as captured elsewhere. Absent: NULL or 0. */
export interface CapturedEvent {
  readonly className: ClassName;
  readonly fields: Readonly<Record<string, string | bigint | Uint8Array>>;
}

// What may wait in memory: well below what the store holds before it gives rows up.
const FLUSH_ROWS = 65_536;
const FLUSH_CHARACTERS = 8 << 20;

/** Appends events that were captured before; they keep their times and ids and get new seqs. */
export class EventImport {
  readonly #lock: StateLock;
  readonly #store: EventStore;
  #className: ClassName = 'process';
  #waiting: CapturedEvent[] = [];
  #unflushedRows = 0;
  #unflushedCharacters = 0;

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

  /** Rejects with WeirError IMPORT_WRITE when the disk takes no more. */
  async add(event: CapturedEvent, characters: number): Promise<void> {
    const { className } = event;
    if (className !== this.#className || this.#waiting.length === BATCH_ROWS) this.#append();
    this.#className = className;
    this.#waiting.push(event);
    this.#unflushedRows++;
    this.#unflushedCharacters += characters;
    const much = this.#unflushedCharacters >= FLUSH_CHARACTERS;
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

  #append(): void {
    const events = this.#waiting.splice(0);
    if (events.length === 0) return;
    const eventClass = CLASS_NAMES.indexOf(this.#className);
    const batch = asBatch(this.#className, events);
    native.count('seen', eventClass, events.length);
    const { rows } = this.#store.native.append(batch.native, null, batch.streamColumns);
    native.release(batch.native);
    if (rows < events.length) throw unwritable('rows did not fit', undefined);
  }

  async #flush(): Promise<void> {
    this.#append();
    this.#unflushedRows = 0;
    this.#unflushedCharacters = 0;
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

/** Columns that operators fill are handed to the store apart from the batch. */
function asBatch(className: ClassName, events: readonly CapturedEvent[]): EventBatch {
  const stream = CLASSES[className].filter(({ origin }) => origin === 'stream');
  const own = new Set(stream.map(({ name }) => name));
  const rows = events.map(({ fields }) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !own.has(name))),
  );
  const batch = new EventBatch(native.buildBatch(CLASS_NAMES.indexOf(className), rows));
  for (const { name } of stream) {
    const codes = new Map<string, number>();
    const values = [''];
    const column = Uint32Array.from(events, ({ fields }) => {
      const value = fields[name];
      if (typeof value !== 'string') return 0;
      const code = codes.get(value) ?? values.push(value) - 1;
      codes.set(value, code);
      return code;
    });
    batch.setColumn(name, column, values);
  }
  return batch;
}
