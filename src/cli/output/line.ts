import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { cellText, type Formatter, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { safeText } from './safe-text.ts';
import { displayWidth } from './width.ts';

/** One "column = value" a line, names aligned, an empty line between rows; as osqueryi --line. */
export class LineFormatter implements Formatter {
  readonly #names: string[] = [];
  readonly #style: Style;
  #first = true;

  constructor(_: Screen | null = null, style: Style = PLAIN_STYLE) {
    this.#style = style;
  }

  begin(columns: readonly ResultColumn[]): string {
    const names = columns.map(({ name }) => safeText(name));
    const width = Math.max(0, ...names.map(displayWidth));
    for (const name of names) this.#names.push(' '.repeat(width - displayWidth(name)) + name);
    return '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    let text = '';
    for (const row of rows) {
      if (!this.#first) text += '\n';
      this.#first = false;
      row.forEach((value, i) => {
        text += `${this.#names[i]} = ${safeText(cellText(value, this.#style))}\n`;
      });
    }
    return text;
  }

  end(): string {
    return '';
  }
}
