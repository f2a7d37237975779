import { NO_STORE } from '../sql/connection.ts';
import type { Chunk } from '../sql/messages.ts';
import { QueryPool } from '../sql/pool.ts';
import { tablesOfDaemon } from './empty-note.ts';
import type { AskOptions, Row, RowSource, RowStream, RowsEnd } from './row-source.ts';

async function* rows(chunks: AsyncIterable<Chunk>): AsyncGenerator<readonly Row[]> {
  for await (const chunk of chunks) yield chunk as readonly Row[];
}

/** Asks the store's file itself: what a daemon has flushed, read-only. */
export class StoreSource implements RowSource {
  readonly where: string;
  readonly #pool: QueryPool;

  /** @param path events.db */
  constructor(path: string) {
    this.where = path;
    this.#pool = new QueryPool({ path, workers: 1, timeoutMs: 0, maxRows: 0 });
  }

  ask(sql: string, options: AskOptions = {}): RowStream {
    const stream = this.#pool.stream(sql, { ...options, encoding: 'values' });
    return { columns: stream.columns, rows: rows(stream), end: stream.end };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/**
 * Asks this host without any store: its state in full, and event tables that are empty. A
 * statement that reads one of those warns and says why.
 */
export class EmptySource implements RowSource {
  readonly where = 'No store: the tables of the host’s state, event tables are empty';
  readonly #store = new StoreSource(NO_STORE);
  readonly #reason: string;

  /** @param reason why there is neither daemon nor store */
  constructor(reason: string) {
    this.#reason = reason;
  }

  ask(sql: string, options: AskOptions = {}): RowStream {
    const result = this.#store.ask(sql, options);
    const end = result.end.then((ended) => this.#note(sql, ended));
    end.catch(() => {});
    return { ...result, end };
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  #note(sql: string, end: RowsEnd): RowsEnd {
    const names = tablesOfDaemon(sql);
    if (names.length === 0) return end;
    const empty = `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} empty: ${this.#reason}`;
    return { ...end, warnings: [empty, ...end.warnings] };
  }
}
