import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { type Formatter, valueText } from './formatter.ts';
import { safeText } from './safe-text.ts';
import { displayWidth } from './width.ts';

/** One "column = value" a line, names aligned, an empty line between rows; as osqueryi --line. */
export class LineFormatter implements Formatter {
  readonly #names: string[] = [];
  #first = true;

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
        text += `${this.#names[i]} = ${safeText(valueText(value))}\n`;
      });
    }
    return text;
  }

  end(): string {
    return '';
  }
}
