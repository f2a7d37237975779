import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { cellText, type Formatter, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { safeText } from './safe-text.ts';

/** Values with a bar between them, a row a line, nothing quoted; as osqueryi --list. */
export class ListFormatter implements Formatter {
  readonly #terminal: boolean;
  readonly #style: Style;

  constructor(screen: Screen, style: Style = PLAIN_STYLE) {
    this.#terminal = screen.terminal;
    this.#style = style;
  }

  begin(columns: readonly ResultColumn[]): string {
    return this.#style.header ? this.#line(columns.map(({ name }) => name)) : '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    return rows.map((row) => this.#line(row.map((value) => cellText(value, this.#style)))).join('');
  }

  end(): string {
    return '';
  }

  #line(fields: readonly string[]): string {
    const shown = this.#terminal ? fields.map(safeText) : fields;
    return `${shown.join(this.#style.separator ?? '|')}\n`;
  }
}
