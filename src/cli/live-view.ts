import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { native } from '../native/addon.ts';
import type { Detection } from '../results/types.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { type EventRow, eventLine } from './event-line.ts';
import { safeText } from './output/safe-text.ts';
import { shorten, shortenPaths, terminalWidth } from './output/width.ts';

/**
 * Event lines a second, by table, so that a noisy one hides no other; the rest is told as a number,
 * since nobody reads faster.
 */
const LINES_PER_SECOND: Readonly<Record<string, number>> = {
  process_events: 20,
  socket_events: 20,
  process_file_events: 8,
  kernel_events: 8,
  behavior_events: 20,
};
const SUMMARY_MS = 1000;
const PIPE_SUMMARY_MS = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * What `weir start` shows: a line per event as far as eyes can follow, detections always, and a
 * summary of rates that stays on the last line of a terminal and comes now and then in a pipe.
 */
export class LiveView {
  readonly #stream: NodeJS.WriteStream | WriteStream;
  readonly #terminal: boolean;
  #timer: NodeJS.Timeout | null = null;
  #second = 0;
  readonly #shown = new Map<string, number>();
  #hidden = 0;
  #detections = 0;
  #seen: readonly number[] = [];
  #at = 0;
  #summary = '';

  constructor(stream: NodeJS.WriteStream | WriteStream) {
    this.#stream = stream;
    this.#terminal = stream.isTTY === true;
  }

  start(): void {
    this.#seen = native.loss().stored;
    this.#at = performance.now();
    const every = this.#terminal ? SUMMARY_MS : PIPE_SUMMARY_MS;
    this.#timer = setInterval(() => this.#summarize(), every);
  }

  /** JSON lines of the tail. */
  async events(lines: Uint8Array): Promise<void> {
    let text = '';
    for (const line of Buffer.from(lines).toString('utf8').split('\n')) {
      if (!line.startsWith('{"table"')) continue;
      const second = Math.floor(Date.now() / 1000);
      if (second !== this.#second) {
        this.#second = second;
        this.#shown.clear();
      }
      const row = JSON.parse(line) as EventRow;
      const table = String(row.table);
      const shown = this.#shown.get(table) ?? 0;
      if (shown >= (LINES_PER_SECOND[table] ?? 0)) {
        this.#hidden++;
        continue;
      }
      this.#shown.set(table, shown + 1);
      text += `${this.#cut(eventLine(row))}\n`;
    }
    this.#print(text);
  }

  detection(detection: Detection): void {
    this.#detections++;
    const { severity, rule, attack, description, row } = detection;
    const head = `DETECTION ${severity} ${rule} ${attack.join(' ')}`;
    const shown = styleText(['bold', 'red'], safeText(head), { stream: this.#stream });
    this.#print(`${shown}: ${safeText(description)}\n          ${this.#cut(safeText(row))}\n`);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#terminal) this.#stream.write(CLEAR_LINE);
    this.#stream.write('weir: writing what is pending ...\n');
  }

  /** Events a second by class since the last summary, and detections since the start. */
  #summarize(): void {
    const stored = native.loss().stored;
    const seconds = (performance.now() - this.#at) / 1000;
    const rates = CLASS_NAMES.flatMap((name, i) => {
      if (name === 'seen') return [];
      const rate = ((stored[i] ?? 0) - (this.#seen[i] ?? 0)) / seconds;
      return [`${name} ${rate.toFixed(rate < 10 ? 1 : 0)}/s`];
    });
    this.#seen = stored;
    this.#at = performance.now();
    const hidden = this.#hidden > 0 ? `, ${this.#hidden} events not shown` : '';
    this.#hidden = 0;
    this.#summary = `${rates.join(', ')}, ${this.#detections} detections${hidden}`;
    if (this.#terminal) this.#print('');
    else this.#stream.write(`-- ${this.#summary}\n`);
  }

  #cut(line: string): string {
    return this.#terminal ? shortenPaths(line, terminalWidth(this.#stream)) : line;
  }

  /** Above the summary, which is drawn again below. */
  #print(text: string): void {
    if (!this.#terminal) {
      if (text !== '') this.#stream.write(text);
      return;
    }
    const summary = shorten(this.#summary, terminalWidth(this.#stream) - 1);
    this.#stream.write(
      `${CLEAR_LINE}${text}${styleText('dim', summary, { stream: this.#stream })}`,
    );
  }
}
