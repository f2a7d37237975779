/** A batch of events in memory that the addon owns (addon/batch). */

/** Where a column lies in NativeBatch.buffer, in bytes. Text: u32 codes and their dictionary. */
export interface NativeColumn {
  readonly data: number;
  readonly dictionaryCount: number;
  readonly dictionaryOffsets: number;
  readonly dictionaryBytes: number;
}

/** One class, up to BATCH_ROWS rows, immutable. Memory belongs to the addon until collected or
 * released. `buffer` and `columns` are made when first read: don't spread or clone the object. */
export interface NativeBatch {
  readonly eventClass: number; // index into CLASS_NAMES
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  /** By index of the class's columns; stream columns have dictionaryCount 0 and no data. */
  readonly columns: readonly NativeColumn[];
}

/** A text column made by an operator, handed over with the batch. Code 0 is NULL. */
export interface StreamColumn {
  readonly column: number;
  readonly codes: Uint32Array;
  readonly values: readonly string[]; // values[code]; values[0] is ignored
}

/** Keeps copies of single rows so that a debounce summary can be made of one later. */
export interface NativeRowKeeper {
  put(batch: NativeBatch, row: number): number; // slot
  free(slot: number): void;
  /** Rows of these slots as a batch (slots are freed), with count and first/last time replaced:
   * time_ns and boottime_ns become the last, first_time_ns the first. Times are wall ns. op_id
   * becomes that of the row that was delivered first, so that the two can be joined. */
  emit(
    slots: Uint32Array,
    counts: Uint32Array,
    firstTimes: BigInt64Array,
    lastTimes: BigInt64Array,
    opIds: BigInt64Array,
  ): NativeBatch;
  readonly size: number;
}
