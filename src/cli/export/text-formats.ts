import { hex, jsonValue } from '../../sql/encode.ts';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { CsvFormatter } from '../output/csv.ts';
import type { Row } from '../row-source.ts';
import type { ExportFormat } from './export-format.ts';

/** One object a line, its table first, as import-events reads it. Bytes are {"hex": ...}. */
export class JsonLines implements ExportFormat {
  readonly #table: string;
  readonly #keys: readonly string[];

  constructor(table: string, columns: readonly ResultColumn[]) {
    this.#table = `{"table":${JSON.stringify(table)}`;
    this.#keys = columns.map(({ name }) => `,${JSON.stringify(name)}:`);
  }

  begin(): string {
    return '';
  }

  rows(rows: readonly Row[]): string {
    return rows.map((row) => this.#line(row)).join('');
  }

  end(): string {
    return '';
  }

  #line(row: Row): string {
    let line = this.#table;
    for (let c = 0; c < row.length; c++) {
      const value = row[c] as SqlValue;
      const json = value instanceof Uint8Array ? `{"hex":"${hex(value)}"}` : jsonValue(value);
      line += `${this.#keys[c]}${json}`;
    }
    return `${line}}\n`;
  }
}

/** RFC 4180 with a heading. */
export class Csv implements ExportFormat {
  readonly #columns: readonly ResultColumn[];
  readonly #formatter = new CsvFormatter({ terminal: process.stdout.isTTY === true, width: 0 });

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
  }

  begin(): string {
    return this.#formatter.begin(this.#columns);
  }

  rows(rows: readonly Row[]): string {
    return this.#formatter.rows(rows);
  }

  end(): string {
    return '';
  }
}
