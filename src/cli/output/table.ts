import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { type Formatter, type Screen, valueText } from './formatter.ts';
import { LineFormatter } from './line.ts';
import { safeText } from './safe-text.ts';
import { displayWidth, pad, shorten } from './width.ts';

/** Rows that decide the widths; what comes later is fitted in. */
const SAMPLE = 500;
const NARROWEST = 8;

/**
 * The drawn table that osqueryi prints. Widths come from the first rows, so that a result of any
 * size streams. On a terminal long values end in … where the line would not fit, and a result with
 * too many columns for its width is shown line by line; elsewhere nothing is cut.
 */
export class TableFormatter implements Formatter {
  readonly #screen: Screen;
  #columns: readonly ResultColumn[] = [];
  #sample: string[][] | null = [];
  #widths: number[] = [];
  #lines: LineFormatter | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  begin(columns: readonly ResultColumn[]): string {
    this.#columns = columns;
    const needed = columns.length * (NARROWEST + 3) + 1;
    if (this.#screen.width > 0 && needed > this.#screen.width && columns.length > 1) {
      const names = columns.reduce((sum, { name }) => sum + displayWidth(name) + 3, 1);
      if (names > this.#screen.width) {
        this.#lines = new LineFormatter();
        return this.#lines.begin(columns);
      }
    }
    return '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    if (this.#lines !== null) return this.#lines.rows(rows);
    const cells = rows.map((row) => row.map((value) => safeText(valueText(value))));
    if (this.#sample === null) return cells.map((row) => this.#line(row)).join('');
    this.#sample.push(...cells);
    return this.#sample.length < SAMPLE ? '' : this.#open();
  }

  end(): string {
    if (this.#lines !== null) return this.#lines.end();
    return (this.#sample === null ? '' : this.#open()) + this.#rule();
  }

  /** Heading and the rows that waited for it. */
  #open(): string {
    const sample = this.#sample ?? [];
    this.#sample = null;
    const heading = this.#columns.map(({ name }) => safeText(name));
    this.#widths = heading.map((name, i) =>
      sample.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), displayWidth(name)),
    );
    this.#shrink();
    const body = sample.map((row) => this.#line(row)).join('');
    return this.#rule() + this.#line(heading) + this.#rule() + body;
  }

  /** Takes cells from the widest columns until the line fits. */
  #shrink(): void {
    if (this.#screen.width === 0) return;
    const frame = this.#widths.length * 3 + 1;
    const total = (): number => this.#widths.reduce((sum, width) => sum + width, frame);
    for (let over = total() - this.#screen.width; over > 0; ) {
      const widest = Math.max(...this.#widths);
      if (widest <= NARROWEST) return;
      const next = Math.max(NARROWEST, ...this.#widths.filter((width) => width < widest));
      const share = this.#widths.filter((width) => width === widest).length;
      const cut = Math.max(1, Math.min(widest - next, Math.ceil(over / share)));
      this.#widths = this.#widths.map((width) => (width === widest ? width - cut : width));
      over = total() - this.#screen.width;
    }
  }

  #line(cells: readonly string[]): string {
    const limit = this.#screen.width > 0;
    const shown = cells.map((cell, i) => {
      const width = this.#widths[i] as number;
      return pad(limit ? shorten(cell, width) : cell, width);
    });
    return `| ${shown.join(' | ')} |\n`;
  }

  #rule(): string {
    return `+${this.#widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  }
}
