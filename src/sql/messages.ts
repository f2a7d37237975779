/** What the query threads and the main thread tell each other. */
import type { ViewList } from './connection.ts';
import type { QueryStats, ResultColumn, SqlValue } from './types.ts';

/**
 * How rows travel: as values, or already encoded (see encode.ts) so that main only passes bytes.
 * `lines` is the first column's text, one row a line.
 */
export type Encoding = 'values' | 'wire' | 'json' | 'jsonl' | 'lines';

export interface WorkerData {
  readonly path: string; // of events.db
  readonly views: ViewList;
  /** Int32: chunks that the worker may still send, and whether to stop (see Credit). */
  readonly credit: SharedArrayBuffer;
}

export interface RunMessage {
  readonly sql: string;
  readonly window: { readonly after: bigint; readonly upto: bigint } | undefined;
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly encoding: Encoding;
}

export type Chunk = readonly (readonly SqlValue[])[] | Uint8Array;

export type WorkerMessage =
  | { readonly kind: 'ready'; readonly connection: number }
  | { readonly kind: 'columns'; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  | {
      readonly kind: 'end';
      readonly stats: QueryStats;
      readonly truncated: boolean;
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** Slots of WorkerData.credit. */
export const CREDIT = 0;
export const STOP = 1;

/** Chunks under way to a slow consumer. */
export const WINDOW_CHUNKS = 8;
