import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import type { Logger } from '../config/log.ts';
import type { Config } from '../config/schema.ts';
import { native } from '../native/addon.ts';
import type { NativeStore, StoreOptions } from '../native/store.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { loadExtension } from '../sql/load-extension.ts';
import { CAPTURE_TABLES } from '../tables/capture.ts';

/** How often it is looked whether the store was set aside. */
const ASIDE_MS = 1000;

type StoreConfig = Pick<Config, 'state_dir' | 'store' | 'file_paths' | 'file_paths_query'>;

/** events.db of a state directory: the native writer, and where readers find the file. */
export class EventStore {
  readonly path: string;
  readonly native: NativeStore;
  readonly #library: Database.Database;
  readonly #log: Logger | undefined;
  readonly #watch: NodeJS.Timeout | undefined;
  #aside = '';

  /**
   * @param log with one, a damaged store is set aside, and a new one begun; without, it is refused
   * @throws WeirError STORE_UNUSABLE
   */
  constructor(config: StoreConfig, log?: Logger) {
    this.path = join(config.state_dir, 'events.db');
    // The writer reaches SQLite through a connection that has loaded the extension.
    this.#library = new Database(':memory:');
    try {
      loadExtension(this.#library);
      const options = { path: this.path, setAside: log !== undefined };
      this.native = native.openStore({ ...options, ...storeOptions(config.store) });
      this.categorize(config);
    } catch (error) {
      this.#library.close();
      const reason = (error as Error).message;
      throw new WeirError('STORE_UNUSABLE', `cannot open the store ${this.path}: ${reason}`, {
        cause: error,
      });
    }
    this.#log = log;
    this.#sayAside();
    this.#watch = log && setInterval(() => this.#sayAside(), ASIDE_MS).unref();
  }

  /** file_events shows only what has a category as soon as there are any. */
  categorize(config: Pick<Config, 'file_paths' | 'file_paths_query'>): void {
    const categories = { ...config.file_paths, ...config.file_paths_query };
    this.native.setFilePathsConfigured(Object.keys(categories).length > 0);
  }

  #sayAside(): void {
    const { aside } = this.native.stats();
    if (aside === this.#aside) return;
    this.#aside = aside;
    this.#log?.error(
      { aside },
      `the event store was found damaged: it was set aside as ${aside}, and a new one is begun`,
    );
  }

  /** Without retention: what is imported may be as old as it likes. @throws WeirError STORE_UNUSABLE */
  static forImport(stateDir: string): EventStore {
    const store = { max_age: 0, max_bytes: 0, flush_ms: 1000, tables: {} };
    return new EventStore({ state_dir: stateDir, store, file_paths: {}, file_paths_query: {} });
  }

  /** Flushes, and closes the writing connection. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    await this.native.close();
    this.#library.close();
  }
}

function storeOptions(store: StoreConfig['store']): Omit<StoreOptions, 'path'> {
  const classLimits = CLASS_NAMES.map((className) => {
    const name = CAPTURE_TABLES.get(className)?.name as keyof typeof store.tables;
    const own = store.tables[name];
    return { maxAgeSeconds: own?.max_age ?? store.max_age, maxBytes: own?.max_bytes ?? 0 };
  });
  return { maxBytes: store.max_bytes, flushMs: store.flush_ms, classLimits };
}
