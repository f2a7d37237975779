import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import { boundTemporaryFiles, type Connection, openConnection } from '../sql/connection.ts';
import { cpuSince } from '../sql/cpu-time.ts';
import { explainFailure } from '../sql/failure.ts';
import { scanDifference } from '../sql/scan-difference.ts';
import type { ResultColumn, SqlValue } from '../sql/types.ts';
import {
  type AskOptions,
  type Row,
  type RowSource,
  type RowStream,
  type RowsEnd,
  rowStream,
} from './row-source.ts';

// Joined they stay below what V8 keeps apart as large, which only full collections free.
const CHUNK_ROWS = 64;

/**
 * Asks the store's file on this thread, which waits meanwhile: half the memory of a thread of its
 * own, and rows need no copy. For commands that do nothing else; a statement is not interrupted, the
 * signal ends it between two chunks.
 */
export class DirectSource implements RowSource {
  readonly where: string;
  readonly #connection: Connection;

  /** @param path events.db */
  constructor(path: string) {
    this.where = path;
    boundTemporaryFiles();
    this.#connection = openConnection(path);
    native.dropProgramPages();
  }

  ask(sql: string, options: AskOptions = {}): RowStream {
    return rowStream((...told) => this.#rows(sql, options, ...told));
  }

  async close(): Promise<void> {
    this.#connection.db.close();
  }

  async *#rows(
    sql: string,
    { signal, maxRows = 0 }: AskOptions,
    onColumns: (columns: readonly ResultColumn[]) => void,
    onEnd: (end: RowsEnd) => void,
    onError: (error: unknown) => void,
  ): AsyncGenerator<readonly Row[]> {
    const { db, id, warnings } = this.#connection;
    const started = performance.now();
    const began = process.threadCpuUsage();
    const before = native.connections.stats(id);
    let count = 0;
    try {
      const statement = db.prepare<[], SqlValue[]>(sql).raw();
      onColumns(
        statement.columns().map(({ name, type }) => ({ name, type: (type ?? '').toUpperCase() })),
      );
      let chunk: Row[] = [];
      for (const row of statement.iterate()) {
        if (chunk.push(row) === CHUNK_ROWS) {
          yield chunk;
          chunk = [];
          if (signal?.aborted) throw new WeirError('SQL_CANCELLED', 'the query was cancelled');
        }
        if (++count === maxRows) break;
      }
      if (chunk.length > 0) yield chunk;
      const scan = scanDifference(native.connections.stats(id), before);
      const wallMs = performance.now() - started;
      const stats = { rows: count, wallMs, cpu: cpuSince(began), scan };
      onEnd({ stats, truncated: maxRows > 0 && count === maxRows, warnings: warnings.take() });
    } catch (error) {
      const failure = error instanceof WeirError ? error : explained(db, sql, error);
      onError(failure);
      throw failure;
    }
  }
}

function explained(db: Connection['db'], sql: string, error: unknown): WeirError {
  const state = { stopped: false, late: false };
  const { code, message } = explainFailure(db, { sql, timeoutMs: 0 }, error, state);
  return new WeirError(code, message, { cause: error });
}
