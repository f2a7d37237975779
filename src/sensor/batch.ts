import type { NativeBatch, StreamColumn } from '../native/batch.ts';
import { CLASS_NAMES, CLASSES, type ClassName } from './schema.ts';

const INDEX = new Map<ClassName, ReadonlyMap<string, number>>(
  CLASS_NAMES.map((name) => [name, new Map(CLASSES[name].map((c, i) => [c.name, i]))]),
);

const decoder = new TextDecoder();

/** Index of a column in its class; throws for a name that the class lacks. */
export function columnIndex(className: ClassName, column: string): number {
  const index = INDEX.get(className)?.get(column);
  if (index === undefined) throw new Error(`class ${className} has no column ${column}`);
  return index;
}

/**
 * A batch on its way through the operators: columns of the native batch as typed arrays over its
 * memory, and a selection that operators clear rows from. Nothing here copies rows; strings are
 * decoded once per dictionary entry, on demand.
 */
export class EventBatch {
  readonly native: NativeBatch;
  readonly className: ClassName;
  readonly rows: number;
  /** 1: the row is still in. Operators clear bytes through `drop`. */
  readonly selection: Uint8Array;
  #selected: number;
  readonly #streamColumns = new Map<number, StreamColumn>();
  readonly #texts = new Map<number, (string | null)[]>();

  constructor(native: NativeBatch) {
    this.native = native;
    this.className = CLASS_NAMES[native.eventClass] as ClassName;
    this.rows = native.rows;
    this.selection = new Uint8Array(native.rows).fill(1);
    this.#selected = native.rows;
  }

  /** Rows still selected. */
  get selected(): number {
    return this.#selected;
  }

  /** Takes a row out. Returns false when it was out already. */
  drop(row: number): boolean {
    if (this.selection[row] !== 1) return false;
    this.selection[row] = 0;
    this.#selected--;
    return true;
  }

  has(column: string): boolean {
    return INDEX.get(this.className)?.has(column) ?? false;
  }

  #layout(column: string) {
    const layout = this.native.columns[columnIndex(this.className, column)];
    if (layout === undefined) throw new Error(`batch lacks column ${column}`);
    return layout;
  }

  /** Values of a u32 column. */
  u32(column: string): Uint32Array {
    return new Uint32Array(this.native.buffer, this.#layout(column).data, this.rows);
  }

  /** Values of an i64 column. Reading elements makes bigints: use `halves` in hot loops. */
  i64(column: string): BigInt64Array {
    return new BigInt64Array(this.native.buffer, this.#layout(column).data, this.rows);
  }

  /** An i64 column as pairs of u32: low word of row r at 2r, high word at 2r + 1. */
  halves(column: string): Uint32Array {
    return new Uint32Array(this.native.buffer, this.#layout(column).data, this.rows * 2);
  }

  /** Dictionary codes of a text column; 0 is NULL. */
  codes(column: string): Uint32Array {
    const made = this.#streamColumns.get(columnIndex(this.className, column));
    if (made !== undefined) return made.codes;
    // A stream column that no operator filled has no data: every row is NULL.
    return this.#layout(column).dictionaryCount === 0
      ? new Uint32Array(this.rows)
      : this.u32(column);
  }

  /** Dictionary entries of a text column, code 0 (NULL) included. */
  dictionarySize(column: string): number {
    const made = this.#streamColumns.get(columnIndex(this.className, column));
    return made?.values.length ?? this.#layout(column).dictionaryCount;
  }

  /** All entries of a native text column: entry c is bytes[offsets[c] .. offsets[c + 1]). For
   * loops over whole dictionaries, which must not make an object per entry. */
  dictionary(column: string): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
    const layout = this.#layout(column);
    const count = layout.dictionaryCount;
    const offsets = new Uint32Array(this.native.buffer, layout.dictionaryOffsets, count + 1);
    const size = offsets[count] as number;
    return { offsets, bytes: new Uint8Array(this.native.buffer, layout.dictionaryBytes, size) };
  }

  /** Bytes of a dictionary entry: paths need not be UTF-8. */
  bytes(column: string, code: number): Uint8Array {
    const layout = this.#layout(column);
    const offsets = new Uint32Array(
      this.native.buffer,
      layout.dictionaryOffsets,
      layout.dictionaryCount + 1,
    );
    const from = offsets[code] as number;
    const to = offsets[code + 1] as number;
    return new Uint8Array(this.native.buffer, layout.dictionaryBytes + from, to - from);
  }

  /** Text of a dictionary entry, broken UTF-8 replaced; null for code 0. */
  text(column: string, code: number): string | null {
    if (code === 0) return null;
    const index = columnIndex(this.className, column);
    const made = this.#streamColumns.get(index);
    if (made !== undefined) return made.values[code] ?? null;
    let texts = this.#texts.get(index);
    if (texts === undefined) {
      texts = [];
      this.#texts.set(index, texts);
    }
    let value = texts[code];
    if (value === undefined) {
      value = decoder.decode(this.bytes(column, code));
      texts[code] = value;
    }
    return value;
  }

  /** Fills a stream column (enrichment). values[0] stands for NULL. */
  setColumn(column: string, codes: Uint32Array, values: readonly string[]): void {
    const index = columnIndex(this.className, column);
    this.#streamColumns.set(index, { column: index, codes, values });
  }

  get streamColumns(): readonly StreamColumn[] {
    return [...this.#streamColumns.values()];
  }
}
