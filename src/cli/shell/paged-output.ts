import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { WeirError } from '../../config/errors.ts';

export interface PagedOptions {
  readonly terminal: NodeJS.WriteStream;
  readonly command: string; // for sh -c
  /** Before the pager has the terminal, and after. */
  readonly lend: () => void;
  readonly takeBack: () => void;
  /** The reader wants no more, or there is no pager. */
  readonly stop: () => void;
}

/** A result that comes slower is shown as it comes, without a pager. */
const SLOW_MS = 500;
/** sh says so when there is no such program. */
const NOT_FOUND = 127;

/** Colours pass, short output stays on the screen, and the screen is not cleared: for less(1). */
const LESS = 'FRX';

/** What is run: $PAGER, or less; undefined when it is set to nothing, or to what shows all at once. */
export function pagerCommand(env: NodeJS.ProcessEnv): string | undefined {
  const command = (env.PAGER ?? 'less').trim();
  return command === '' || command === 'cat' ? undefined : command;
}

/** Lines that text takes on the screen. */
function linesOf(text: string, columns: number): number {
  return text
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), -1);
}

/**
 * Goes to the terminal while it fits the screen, else through a pager. Ending it waits until the
 * reader has left the pager.
 */
export class PagedOutput extends Writable {
  readonly #options: PagedOptions;
  #kept = '';
  #slow: NodeJS.Timeout | undefined;
  #plain = false;
  #pager: ChildProcess | undefined;
  #left: Promise<number | null> = Promise.resolve(0);
  /** Nobody reads any more. */
  #gone = false;

  constructor(options: PagedOptions) {
    super({ decodeStrings: false });
    this.#options = options;
  }

  override _write(chunk: string | Buffer, _: string, done: (error?: Error | null) => void): void {
    const text = chunk.toString();
    if (this.#plain) {
      this.#options.terminal.write(text, () => done());
      return;
    }
    if (this.#pager !== undefined) {
      this.#feed(text, done);
      return;
    }
    this.#kept += text;
    const { rows, columns } = this.#options.terminal;
    if (linesOf(this.#kept, columns) < rows) {
      this.#slow ??= setTimeout(() => this.#showPlain(), SLOW_MS);
      done();
      return;
    }
    this.#start();
    this.#feed(this.#take(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#pager === undefined) {
      this.#showPlain();
      done();
      return;
    }
    this.#pager.stdin?.end();
    void this.#left.then((code) => {
      this.#options.takeBack();
      const why = `there is no pager "${this.#options.command}": set PAGER, or say .pager off`;
      done(code === NOT_FOUND ? new WeirError('SHELL', why) : null);
    });
  }

  #take(): string {
    clearTimeout(this.#slow);
    const text = this.#kept;
    this.#kept = '';
    return text;
  }

  #showPlain(): void {
    this.#plain = true;
    const text = this.#take();
    if (text !== '') this.#options.terminal.write(text);
  }

  #start(): void {
    const { command, lend, stop } = this.#options;
    lend();
    const env = { ...process.env, LESS: process.env.LESS ?? LESS };
    const pager = spawn('sh', ['-c', command], { stdio: ['pipe', 'inherit', 'inherit'], env });
    this.#pager = pager;
    this.#left = new Promise((resolve) => {
      pager.on('error', () => resolve(NOT_FOUND));
      pager.on('exit', (code) => resolve(code));
    });
    void this.#left.then(() => {
      this.#gone = true;
      stop();
    });
    // It was left before it had read all.
    pager.stdin?.on('error', () => {
      this.#gone = true;
      stop();
    });
  }

  #feed(text: string, done: () => void): void {
    const { stdin } = this.#pager ?? {};
    if (this.#gone || stdin === null || stdin === undefined || stdin.write(text)) {
      done();
      return;
    }
    // Whoever leaves the pager leaves the rest unread.
    const go = (): void => {
      stdin.off('drain', go).off('close', go);
      done();
    };
    stdin.on('drain', go).on('close', go);
  }
}
