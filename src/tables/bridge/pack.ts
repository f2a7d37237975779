import type { PackedRows } from '../../native/tables.ts';
import type { SqlType } from '../spec.ts';
import type { Cell, Columns, RowOf } from './table.ts';

/** By their number in addon/tables/row_cache.h. */
const NULL = 0;
const INTEGER = 1;
const REAL = 2;
const TEXT = 3;
const BIG = 4;
const BYTES = 5;

/** Rows of a batch; the first is small, so that LIMIT 1 and look-ups make few rows. */
const FIRST_ROWS = 64;
const MORE_ROWS = 1024;
/** A batch ends after this much text, in UTF-16 units. */
const BATCH_TEXT = 1 << 20;
/** So do the rows of a slow table: whoever wants the first one does not wait for the others. */
const BATCH_MS = 50;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const WHOLE = /^\s*[+-]?\d+\s*$/;

export interface UsedColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** What a table's function gave, when it can be walked. @throws Error which says what it must be */
export function rowsOf<T>(given: Iterable<T>): Iterable<T> {
  if (typeof given?.[Symbol.iterator] === 'function') return given;
  const what = (given as unknown) instanceof Promise ? 'a promise' : typeof given;
  throw new Error(`generate must be a generator or return an array, and gave ${what}`);
}

/** Packs rows for the addon: one call hands over a batch, whatever its size. */
export class Packer {
  readonly #columns: readonly UsedColumn[];
  readonly #rows: Iterator<RowOf<Columns>>;
  #tags: Uint8Array = new Uint8Array(0);
  #numbers: Float64Array = new Float64Array(0);
  #bigs: BigInt64Array = new BigInt64Array(0);
  #text = '';
  #bytes: Uint8Array[] = [];
  #at = 0;
  #capacity = FIRST_ROWS;

  /** @param columns those that the query reads, in the order of the table */
  constructor(columns: readonly UsedColumn[], rows: Iterable<RowOf<Columns>>) {
    this.#columns = columns;
    this.#rows = rowsOf(rows)[Symbol.iterator]();
  }

  /** The next rows. `cursor` is kept when there may be more. */
  batch(cursor: number): PackedRows {
    const width = this.#columns.length;
    this.#tags = new Uint8Array(this.#capacity * width);
    this.#numbers = new Float64Array(this.#capacity * width);
    this.#bigs = new BigInt64Array(this.#numbers.buffer);
    this.#text = '';
    this.#bytes = [];
    this.#at = 0;
    let rows = 0;
    let done = false;
    const every = this.#capacity === FIRST_ROWS ? 1 : 16;
    const until = performance.now() + BATCH_MS;
    while (rows < this.#capacity && this.#text.length < BATCH_TEXT) {
      // Fast tables need not look at the clock at each row.
      if (rows > 0 && rows % every === 0 && performance.now() > until) break;
      const next = this.#rows.next();
      if (next.done === true) {
        done = true;
        break;
      }
      this.#pushRow(next.value);
      rows++;
    }
    this.#capacity = rows === this.#capacity ? MORE_ROWS : FIRST_ROWS;
    return {
      cursor: done ? 0 : cursor,
      rows,
      tags: this.#tags,
      numbers: this.#numbers,
      text: this.#text,
      bytes: this.#bytes,
    };
  }

  /** The query wants no more. */
  end(): void {
    this.#rows.return?.();
  }

  #pushRow(row: RowOf<Columns>): void {
    for (const { name, type } of this.#columns) {
      const value = row[name];
      if (type === 'TEXT') this.#pushText(value);
      else if (type === 'DOUBLE') this.#pushReal(value);
      else this.#pushInteger(value);
    }
  }

  #push(tag: number, value: number): void {
    this.#tags[this.#at] = tag;
    this.#numbers[this.#at++] = value;
  }

  #pushString(value: string): void {
    this.#push(TEXT, value.length);
    this.#text += value;
  }

  #pushText(value: Cell): void {
    if (typeof value === 'string') {
      this.#pushString(value);
    } else if (value === null || value === undefined) {
      this.#push(NULL, 0);
    } else if (value instanceof Uint8Array) {
      this.#push(BYTES, this.#bytes.length);
      this.#bytes.push(value);
    } else {
      this.#pushString(typeof value === 'boolean' ? String(Number(value)) : String(value));
    }
  }

  #pushReal(value: Cell): void {
    const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
    if (value === null || value === undefined || Number.isNaN(number)) this.#push(NULL, 0);
    else this.#push(REAL, number);
  }

  #pushInteger(value: Cell): void {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) this.#push(INTEGER, value);
      else if (Number.isFinite(value)) this.#pushBig(BigInt(Math.trunc(value)));
      else this.#push(NULL, 0);
    } else if (typeof value === 'bigint') {
      this.#pushBig(value);
    } else if (typeof value === 'boolean') {
      this.#push(INTEGER, value ? 1 : 0);
    } else if (typeof value === 'string' && WHOLE.test(value)) {
      this.#pushInteger(value.length < 16 ? Number(value) : BigInt(value.trim()));
    } else {
      this.#push(NULL, 0);
    }
  }

  /** What is too large for SQLite's integers (UNSIGNED_BIGINT from 2^63) stays exact as text. */
  #pushBig(value: bigint): void {
    if (value > INT64_MAX || value < INT64_MIN) {
      this.#pushString(String(value));
    } else {
      this.#tags[this.#at] = BIG;
      this.#bigs[this.#at++] = value;
    }
  }
}
