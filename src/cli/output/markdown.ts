import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { cellText, type Formatter, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { safeText } from './safe-text.ts';

/** A cell that is text in every renderer: what would be markup or HTML is escaped. */
function cell(text: string): string {
  return safeText(text).replaceAll(/[\\|`*_[\]<>&]/g, (character) => `\\${character}`);
}

/** A table for tickets and reports; widths are left to whoever renders it, so that it streams. */
export class MarkdownFormatter implements Formatter {
  readonly #style: Style;

  constructor(_: Screen | null = null, style: Style = PLAIN_STYLE) {
    this.#style = style;
  }

  begin(columns: readonly ResultColumn[]): string {
    const numeric = /^(?:INTEGER|BIGINT|UNSIGNED BIGINT|UNSIGNED_BIGINT|DOUBLE|REAL)$/;
    const rule = columns.map(({ type }) => (numeric.test(type) ? '---:' : '---'));
    return this.#line(columns.map(({ name }) => cell(name))) + this.#line(rule);
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    return rows
      .map((row) => this.#line(row.map((value) => cell(cellText(value, this.#style)))))
      .join('');
  }

  end(): string {
    return '';
  }

  #line(cells: readonly string[]): string {
    return `| ${cells.join(' | ')} |\n`;
  }
}
