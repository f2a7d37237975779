import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { cellText, type Formatter, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { safeText } from './safe-text.ts';

/** RFC 4180: CRLF, quotes where needed and doubled inside. NULL is empty. */
export class CsvFormatter implements Formatter {
  readonly #terminal: boolean;
  readonly #style: Style;
  readonly #separator: string;

  constructor(screen: Screen, style: Style = PLAIN_STYLE) {
    this.#terminal = screen.terminal;
    this.#style = style;
    this.#separator = style.separator ?? ',';
  }

  begin(columns: readonly ResultColumn[]): string {
    return this.#style.header ? this.#record(columns.map(({ name }) => name)) : '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    return rows
      .map((row) => this.#record(row.map((value) => cellText(value, this.#style))))
      .join('');
  }

  end(): string {
    return '';
  }

  #record(fields: readonly string[]): string {
    return `${fields.map((field) => this.#field(field)).join(this.#separator)}\r\n`;
  }

  #field(raw: string): string {
    const field = this.#terminal ? safeText(raw) : raw;
    const quoted = /["\r\n]|^\s|\s$/.test(field) || field.includes(this.#separator);
    return quoted ? `"${field.replaceAll('"', '""')}"` : field;
  }
}
