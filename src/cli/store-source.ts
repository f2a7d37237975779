import type { Chunk } from '../sql/messages.ts';
import { QueryPool } from '../sql/pool.ts';
import type { AskOptions, Row, RowSource, RowStream } from './row-source.ts';

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
