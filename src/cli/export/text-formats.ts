import { RowEncoder } from '../../sql/encode.ts';
import type { ResultColumn } from '../../sql/types.ts';
import { CsvFormatter } from '../output/csv.ts';
import type { Row } from '../row-source.ts';
import type { ExportFormat } from './export-format.ts';

/** One object a line, its table first, as import-events reads it. */
export class JsonLines implements ExportFormat {
  readonly #table: string;
  readonly #encoder: RowEncoder;

  constructor(table: string, columns: readonly ResultColumn[]) {
    this.#table = `{"table":${JSON.stringify(table)},`;
    this.#encoder = new RowEncoder('jsonl', columns);
  }

  begin(): string {
    return '';
  }

  rows(rows: readonly Row[]): string {
    return rows.map((row) => this.#table + this.#encoder.row(row).slice(1)).join('');
  }

  end(): string {
    return '';
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
