import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import type { Row } from '../row-source.ts';
import { type ExportFormat, plainExpressions } from './export-format.ts';

// A row group is what a reader skips or loads at once, and what is held in memory here: with some
// sixty columns of bigints and the library's copies of them, about 10 KiB a row. Twice as many rows
// make the file 1 % smaller.
const GROUP_ROWS = 4096;
const GROUP_CHARACTERS = 8 << 20;

function element({ name, type }: ResultColumn): SchemaElement {
  const shared = { name, repetition_type: 'OPTIONAL' } as const;
  if (type === 'TEXT') return { ...shared, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  return { ...shared, type: type === 'DOUBLE' ? 'DOUBLE' : 'INT64' };
}

/** Parquet with 64-bit integers and UTF-8 text, every column optional, Snappy. */
export class Parquet implements ExportFormat {
  readonly expressions: readonly string[];
  readonly #columns: readonly ResultColumn[];
  readonly #bytes = new ByteWriter(1 << 20);
  readonly #writer: ParquetWriter;
  #values: SqlValue[][] = [];
  #rows = 0;
  #characters = 0;

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    this.expressions = plainExpressions(columns);
    const root: SchemaElement = { name: 'root', num_children: columns.length };
    const schema = [root, ...columns.map(element)];
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: 'weir' });
    this.#clear();
  }

  begin(): Uint8Array {
    return this.#taken();
  }

  rows(rows: readonly Row[]): Uint8Array {
    for (const row of rows) {
      for (let c = 0; c < row.length; c++) {
        const value = row[c] as SqlValue;
        this.#values[c]?.push(value);
        if (typeof value === 'string') this.#characters += value.length;
      }
      this.#rows++;
      if (this.#rows >= GROUP_ROWS || this.#characters >= GROUP_CHARACTERS) this.#group();
    }
    return this.#taken();
  }

  end(): Uint8Array {
    this.#group();
    void this.#writer.finish();
    return this.#taken();
  }

  #group(): void {
    if (this.#rows === 0) return;
    const columnData = this.#columns.map(({ name }, c) => ({ name, data: this.#values[c] ?? [] }));
    // Nothing is awaited: without a `flush` of our own the library works at once.
    void this.#writer.write({ columnData, rowGroupSize: this.#rows });
    this.#clear();
    // The library leaves copies of each column behind; without this they wait until there are 190 MiB.
    globalThis.gc?.();
  }

  #clear(): void {
    this.#values = this.#columns.map(() => []);
    this.#rows = 0;
    this.#characters = 0;
  }

  /** What the library has written since; its offset counts on. */
  #taken(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}
