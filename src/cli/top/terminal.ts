import type { ReadStream, WriteStream } from 'node:tty';
import { terminalWidth } from '../output/width.ts';

const ENTER = '\u001b[?1049h\u001b[?25l'; // other screen, no cursor
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_REST_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal that is drawn on as a whole, and given back as it was. */
export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #undo: (() => void)[] = [];

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  get columns(): number {
    return terminalWidth(this.#output);
  }

  get rows(): number {
    return this.#output.rows || 24;
  }

  /**
   * Takes it over until `leave`, which also runs when the process ends for another reason.
   *
   * @param end asked for by a signal, or because the terminal is gone
   */
  enter(key: (key: string) => void, resized: () => void, end: () => void): void {
    const typed = (data: Buffer): void => {
      for (const character of data.toString('latin1')) key(character);
    };
    const leave = (): void => this.leave();
    this.#input.setRawMode(true);
    this.#input.on('data', typed);
    this.#input.on('end', end);
    this.#input.on('error', end);
    this.#output.on('error', end);
    this.#output.on('resize', resized);
    for (const signal of ENDING) process.on(signal, end);
    process.on('exit', leave);
    this.#output.write(ENTER);
    this.#undo.push(() => {
      process.off('exit', leave);
      for (const signal of ENDING) process.off(signal, end);
      this.#output.off('resize', resized);
      this.#input.off('data', typed);
      this.#input.off('end', end);
      if (this.#input.isRaw) this.#input.setRawMode(false);
      this.#input.pause();
      this.#output.write(LEAVE);
    });
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${CLEAR_REST_OF_LINE}`).join('\r\n');
    this.#output.write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  leave(): void {
    this.#undo.pop()?.();
  }
}
