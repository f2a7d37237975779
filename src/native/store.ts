/** The event store and the connections that read it (addon/store). */
import type { NativeBatch, StreamColumn } from './batch.ts';

export interface StoreOptions {
  readonly path: string; // events.db; created when missing
  /** sqlite3_api comes from a connection that loaded the extension in this process. */
  readonly maxAgeSeconds?: number; // retention; 0: none
  readonly maxBytes?: number; // of all classes together; 0: no limit
  /** By class index; maxAgeSeconds in place of the one above. */
  readonly classLimits?: readonly { readonly maxAgeSeconds?: number; readonly maxBytes?: number }[];
  readonly flushMs?: number; // default 1000
  /** A damaged file is renamed, and a new one begun, when it is opened or when a write meets the
   * damage. Otherwise it is refused, or writes fail. Default false. */
  readonly setAside?: boolean;
}

export interface StoreStats {
  readonly rows: number[]; // by class, flushed and hot
  readonly bytes: number[];
  readonly queuedRows: number;
  readonly lastFlushMs: number; // milliseconds since the last durable commit
  readonly error: string; // last write error; '' when healthy
  readonly errorCount: number;
  readonly aside: string; // name that the last damaged file has now; '' when none was set aside
}

export interface NativeStore {
  /** Appends the rows whose selection byte is 1 (null: all). They get consecutive seqs, are visible
   * to every connection of this process on return, and durable within flushMs. */
  append(
    batch: NativeBatch,
    selection: Uint8Array | null,
    columns: readonly StreamColumn[],
  ): { readonly firstSeq: bigint; readonly lastSeq: bigint; readonly rows: number };
  /** Last seq given out. */
  highWater(): bigint;
  /** True while file_events shows only rows with a category. */
  setFilePathsConfigured(configured: boolean): void;
  /** weir_coverage: opens an interval (and closes the provider's open one for the class). */
  coverage(eventClass: number, provider: string, tier: string, on: boolean): void;
  /** By class: the seq up to which every query with a cursor has read. What retention takes above
   * it is counted as expired_unread. Until the first call nobody has a cursor. */
  setReadUpTo(seqs: BigInt64Array): void;
  flush(): Promise<void>;
  stats(): StoreStats;
  /** Flushes, commits counters, closes the writing connection. */
  close(): Promise<void>;
}

/** What a connection's queries of event tables did since it was opened; for one query, subtract
 * what it was before. Counts a walk of each inner side of a join anew. */
export interface ScanStats {
  readonly blocks: number; // met: blocks, and groups of rows in memory
  readonly skipped: number; // of them passed over by bounds or filters, none of their rows read
  readonly rows: number; // of the others, looked at
}

/** Control over a connection that loaded the extension, by the id it got. */
export interface NativeConnections {
  /** Id of the connection that this thread loaded the extension into last. */
  last(): number;
  /** Read-only: denies ATTACH, writes, state-changing pragmas, load_extension. */
  restrict(id: number): void;
  /** Interrupts what the connection runs after `ms`; 0 clears. Returns a token for `expired`. */
  deadline(id: number, ms: number): number;
  expired(token: number): boolean;
  interrupt(id: number): void;
  stats(id: number): ScanStats;
  /** Event tables show seq <= upto; new_T tables after < seq <= upto, old_T tables seq <= after. */
  setWindow(id: number, after: bigint, upto: bigint): void;
  clearWindow(id: number): void;
  /** Bytes that temporary files of all threads that count them may have together. */
  limitTemporaryFiles(bytes: number): void;
  /**
   * From now on the temporary files of this thread's connections count; of those that were opened
   * after the first call. False: no connection of the process has loaded the extension yet.
   */
  boundTemporaryFiles(): boolean;
  /** The limit, when this thread was refused more since it last asked. */
  temporaryFilesRefused(): number | null;
  /** Bytes that they have now. */
  temporaryFiles(): number;
}
