import { styleText } from 'node:util';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import { cellText, type Formatter, PLAIN_STYLE, type Screen, type Style } from './formatter.ts';
import { LineFormatter } from './line.ts';
import { safeText } from './safe-text.ts';
import { displayWidth, pad, shorten } from './width.ts';

/** Rows that decide the widths; what comes later is fitted in. */
const SAMPLE = 500;
const NARROWEST = 8;

/** What stands around and between cells. */
interface Frame {
  readonly left: string;
  readonly between: string;
  readonly right: string;
  /** Cells of all of it beside n columns. */
  readonly cells: (columns: number) => number;
  readonly rule: (widths: readonly number[], where: 'top' | 'heading' | 'bottom') => string;
}

const DRAWN: Frame = {
  left: '| ',
  between: ' | ',
  right: ' |',
  cells: (columns) => columns * 3 + 1,
  rule: (widths) => `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`,
};

const OPEN: Frame = {
  left: '',
  between: '  ',
  right: '',
  cells: (columns) => Math.max(0, columns - 1) * 2,
  rule: (widths, where) =>
    where === 'heading' ? `${widths.map((width) => '-'.repeat(width)).join('  ')}\n` : '',
};

/**
 * The drawn table that osqueryi prints. Widths come from the first rows, so that a result of any
 * size streams. On a terminal long values end in … where the line would not fit, and a result with
 * too many columns for its width is shown line by line; elsewhere nothing is cut.
 */
export class TableFormatter implements Formatter {
  readonly #screen: Screen;
  readonly #style: Style;
  readonly #frame: Frame;
  #columns: readonly ResultColumn[] = [];
  #sample: string[][] | null = [];
  #widths: number[] = [];
  #lines: LineFormatter | null = null;

  constructor(screen: Screen, style: Style = PLAIN_STYLE, frame = DRAWN) {
    this.#screen = screen;
    this.#style = style;
    this.#frame = frame;
  }

  begin(columns: readonly ResultColumn[]): string {
    this.#columns = columns;
    const needed = columns.length * (NARROWEST + 3) + 1;
    if (this.#screen.width > 0 && needed > this.#screen.width && columns.length > 1) {
      const names = columns.reduce((sum, { name }) => sum + displayWidth(name) + 3, 1);
      if (names > this.#screen.width) {
        this.#lines = new LineFormatter(this.#screen, this.#style);
        return this.#lines.begin(columns);
      }
    }
    return '';
  }

  rows(rows: readonly (readonly SqlValue[])[]): string {
    if (this.#lines !== null) return this.#lines.rows(rows);
    const cells = rows.map((row) => row.map((value) => safeText(cellText(value, this.#style))));
    if (this.#sample === null) return cells.map((row) => this.#line(row)).join('');
    this.#sample.push(...cells);
    return this.#sample.length < SAMPLE ? '' : this.#open();
  }

  end(): string {
    if (this.#lines !== null) return this.#lines.end();
    return (this.#sample === null ? '' : this.#open()) + this.#rule('bottom');
  }

  /** Heading and the rows that waited for it. */
  #open(): string {
    const sample = this.#sample ?? [];
    this.#sample = null;
    const heading = this.#columns.map(({ name }) => safeText(name));
    const { header, widths } = this.#style;
    this.#widths = heading.map((name, i) =>
      sample.reduce(
        (most, row) => Math.max(most, displayWidth(row[i] ?? '')),
        header ? displayWidth(name) : 0,
      ),
    );
    this.#shrink();
    this.#widths = this.#widths.map((width, i) => widths[i] || width);
    const body = sample.map((row) => this.#line(row)).join('');
    const top = header
      ? this.#line(heading, this.#screen.colour === true) + this.#rule('heading')
      : '';
    return this.#rule('top') + top + body;
  }

  /** Takes cells from the widest columns until the line fits. */
  #shrink(): void {
    if (this.#screen.width === 0) return;
    const frame = this.#frame.cells(this.#widths.length);
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

  #line(cells: readonly string[], bold = false): string {
    const { left, between, right } = this.#frame;
    const shown = cells.map((cell, i) => {
      const width = this.#widths[i] as number;
      const limit = this.#screen.width > 0 || (this.#style.widths[i] ?? 0) > 0;
      const padded = pad(limit ? shorten(cell, width) : cell, width);
      return bold ? styleText('bold', padded, { validateStream: false }) : padded;
    });
    const line = `${left}${shown.join(between)}${right}`;
    return `${right === '' ? line.trimEnd() : line}\n`;
  }

  #rule(where: 'top' | 'heading' | 'bottom'): string {
    return this.#frame.rule(this.#widths, where);
  }
}

/** Aligned columns without a frame: the column mode of sqlite3 and osqueryi. */
export class ColumnFormatter extends TableFormatter {
  constructor(screen: Screen, style: Style = PLAIN_STYLE) {
    super(screen, style, OPEN);
  }
}
