import type { QueryStats, ResultColumn, SqlValue } from '../sql/types.ts';

export type Row = readonly SqlValue[];

export interface RowsEnd {
  readonly stats: QueryStats;
  readonly truncated: boolean;
  /** What tables could not read. */
  readonly warnings: readonly string[];
}

/** A result on its way. Iterating rejects with WeirError SQL_*. */
export interface RowStream {
  readonly columns: Promise<readonly ResultColumn[]>;
  readonly rows: AsyncIterable<readonly Row[]>;
  readonly end: Promise<RowsEnd>;
}

export interface AskOptions {
  readonly timeoutMs?: number; // 0: no limit
  readonly maxRows?: number; // 0: no limit
  readonly signal?: AbortSignal;
}

/** Where a command's queries go. */
export interface RowSource {
  /** For people: the daemon's socket or the store's file. */
  readonly where: string;
  ask(sql: string, options?: AskOptions): RowStream;
  close(): Promise<void>;
}

/**
 * A stream whose columns and end are promises, made by `read`, which calls one of the three; rows
 * are read as they are taken.
 */
export function rowStream(
  read: (
    onColumns: (columns: readonly ResultColumn[]) => void,
    onEnd: (end: RowsEnd) => void,
    onError: (error: unknown) => void,
  ) => AsyncGenerator<readonly Row[]>,
): RowStream {
  const columns = Promise.withResolvers<readonly ResultColumn[]>();
  const end = Promise.withResolvers<RowsEnd>();
  columns.promise.catch(() => {});
  end.promise.catch(() => {});
  const rows = read(columns.resolve, end.resolve, (error) => {
    columns.reject(error);
    end.reject(error);
  });
  return { columns: columns.promise, rows, end: end.promise };
}
