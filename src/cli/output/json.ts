import { jsonValue, keys, RowEncoder } from '../../sql/encode.ts';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import type { Formatter, Screen } from './formatter.ts';
import { safeJson } from './safe-text.ts';

/** An array of objects, one a line. */
export class JsonFormatter implements Formatter {
  readonly #terminal: boolean;
  #encoder = new RowEncoder('json', []);

  constructor(screen: Screen) {
    this.#terminal = screen.terminal;
  }

  begin(columns: readonly ResultColumn[]): string {
    this.#encoder = new RowEncoder('json', columns);
    return '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    const text = rows.map((row) => this.#encoder.row(row)).join('');
    return this.#terminal ? safeJson(text) : text;
  }

  end(): string {
    return this.#encoder.end();
  }
}

/** An array of objects, one value a line. */
export class JsonPrettyFormatter implements Formatter {
  readonly #terminal: boolean;
  #keys: readonly string[] = [];
  #first = true;

  constructor(screen: Screen) {
    this.#terminal = screen.terminal;
  }

  begin(columns: readonly ResultColumn[]): string {
    this.#keys = keys(columns).map((key) => JSON.stringify(key));
    return '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    const text = rows.map((row) => this.#row(row)).join('');
    return this.#terminal ? safeJson(text) : text;
  }

  end(): string {
    return this.#first ? '[]\n' : '\n]\n';
  }

  #row(row: readonly SqlValue[]): string {
    const values = row.map((value, i) => `    ${this.#keys[i]}: ${jsonValue(value)}`);
    const before = this.#first ? '[\n' : ',\n';
    this.#first = false;
    return `${before}  {\n${values.join(',\n')}\n  }`;
  }
}
