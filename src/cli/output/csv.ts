import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { type Formatter, type Screen, valueText } from './formatter.ts';
import { safeText } from './safe-text.ts';

/** RFC 4180: CRLF, quotes where needed and doubled inside. NULL is empty. */
export class CsvFormatter implements Formatter {
  readonly #terminal: boolean;

  constructor(screen: Screen) {
    this.#terminal = screen.terminal;
  }

  begin(columns: readonly ResultColumn[]): string {
    return this.#record(columns.map(({ name }) => name));
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    return rows.map((row) => this.#record(row.map(valueText))).join('');
  }

  end(): string {
    return '';
  }

  #record(fields: readonly string[]): string {
    return `${fields.map((field) => this.#field(field)).join(',')}\r\n`;
  }

  #field(raw: string): string {
    const field = this.#terminal ? safeText(raw) : raw;
    return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
  }
}
