import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
import { type NativeStore, native } from '../sensor/native.ts';
import { loadExtension } from '../sql/load-extension.ts';

/** events.db of a state directory: the native writer, and where readers find the file. */
export class EventStore {
  readonly path: string;
  readonly native: NativeStore;
  readonly #library: Database.Database;

  /** @throws WeirError STORE_UNUSABLE */
  constructor(config: Pick<Config, 'state_dir' | 'store' | 'file_paths'>) {
    this.path = join(config.state_dir, 'events.db');
    // The writer reaches SQLite through a connection that has loaded the extension.
    this.#library = new Database(':memory:');
    try {
      loadExtension(this.#library);
      this.native = native.openStore({
        path: this.path,
        maxAgeSeconds: config.store.max_age,
        maxBytes: config.store.max_bytes,
        flushMs: config.store.flush_ms,
      });
      this.native.setFilePathsConfigured(Object.keys(config.file_paths).length > 0);
    } catch (error) {
      this.#library.close();
      const reason = (error as Error).message;
      throw new WeirError('STORE_UNUSABLE', `cannot open the store ${this.path}: ${reason}`, {
        cause: error,
      });
    }
  }

  /** Flushes, and closes the writing connection. */
  async close(): Promise<void> {
    await this.native.close();
    this.#library.close();
  }
}
