import type { ResultColumn } from '../../sql/types.ts';
import { CsvFormatter } from '../output/csv.ts';
import type { Row } from '../row-source.ts';
import { type ExportFormat, plainExpressions } from './export-format.ts';

/** One object a line, its table first, as import-events reads it. SQLite makes the lines. */
export class JsonLines implements ExportFormat {
  readonly expressions: readonly string[];

  constructor(table: string, columns: readonly ResultColumn[]) {
    const fields = columns.map(({ name }) => `, '${name}', "${name}"`);
    this.expressions = [`weir_json('table', '${table}'${fields.join('')})`];
  }

  begin(): string {
    return '';
  }

  rows(rows: readonly Row[]): string {
    return `${rows.join('\n')}\n`;
  }

  end(): string {
    return '';
  }
}

/** RFC 4180 with a heading. */
export class Csv implements ExportFormat {
  readonly expressions: readonly string[];
  readonly #columns: readonly ResultColumn[];
  readonly #formatter = new CsvFormatter({ terminal: process.stdout.isTTY === true, width: 0 });

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
    this.expressions = plainExpressions(columns);
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
