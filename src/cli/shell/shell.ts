import { createInterface, type Interface } from 'node:readline';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { WeirError } from '../../config/errors.ts';
import { splitStatements } from '../../sql/statements.ts';
import { counted } from '../output/counted.ts';
import type { Mode, Style } from '../output/formatter.ts';
import { makeFormatter, NO_SCREEN, screenOf } from '../output/make-formatter.ts';
import { print } from '../output/print.ts';
import { safeText } from '../output/safe-text.ts';
import { sayWarnings, writeRows } from '../print-rows.ts';
import type { AskOptions, Row, RowSource, RowsEnd } from '../row-source.ts';
import { Catalog } from './catalog.ts';
import { complete } from './complete.ts';
import { DOT_COMMANDS, runDotCommand } from './dot-commands.ts';
import { historyPath, loadHistory, saveHistory } from './history.ts';
import { PagedOutput, pagerCommand } from './paged-output.ts';
import { saveResult } from './save.ts';
import type { ShellState } from './state.ts';

const PROMPT = 'weir> ';
const MORE = '  ..> ';
/** Rows shown of one result; weir query has no such limit. */
const MAX_ROWS = 100_000;

type History = { history: string[] };

/** The interactive shell: lines come in, statements run one after the other. */
export class Shell {
  readonly #source: RowSource;
  readonly #catalog: Catalog;
  readonly #state: ShellState;
  readonly #interface: Interface;
  readonly #terminal: boolean;
  readonly #lines: string[] = [];
  #pending = '';
  #pendingLines = 0;
  #busy = false;
  #closed = false;
  #running: AbortController | null = null;
  #failures = 0;
  readonly #done = Promise.withResolvers<void>();

  /** @param script lines to run in place of those of standard input */
  constructor(source: RowSource, mode: Mode, style: Style, script?: string) {
    this.#terminal =
      script === undefined && process.stdin.isTTY === true && process.stdout.isTTY === true;
    this.#source = source;
    this.#catalog = new Catalog(source);
    this.#state = {
      mode,
      style,
      timer: false,
      echo: false,
      bail: false,
      pager: this.#terminal,
      save: undefined,
      leaving: false,
    };
    this.#interface = createInterface({
      input: script === undefined ? process.stdin : Readable.from([script]),
      output: this.#terminal ? process.stdout : undefined,
      terminal: this.#terminal,
      history: this.#terminal ? loadHistory(historyPath()) : [],
      historySize: 1000,
      removeHistoryDuplicates: true,
      prompt: PROMPT,
      completer: (
        line: string,
        done: (error: Error | null, result: [string[], string]) => void,
      ) => {
        complete(line, this.#pending, this.#catalog, DOT_COMMANDS).then(
          ([found, typed]) => done(null, [found, typed]),
          () => done(null, [[], line]),
        );
      },
    });
  }

  /** Runs until the user leaves. The exit code: from a pipe, 1 when a statement failed. */
  async run(): Promise<number> {
    this.#interface.on('line', (line) => {
      this.#lines.push(line);
      void this.#work();
    });
    this.#interface.on('SIGINT', () => this.#onInterrupt());
    this.#interface.on('close', () => {
      this.#closed = true;
      void this.#work();
    });
    if (this.#terminal) {
      await print(process.stdout, `${safeText(this.#source.where)}. Type .help for help.\n`);
    }
    this.#prompt();
    await this.#done.promise;
    return this.#terminal || this.#failures === 0 ? 0 : 1;
  }

  /** Ctrl-C: cancels the query, or forgets what was typed. */
  #onInterrupt(): void {
    if (this.#running !== null) {
      this.#running.abort();
      return;
    }
    this.#pending = '';
    this.#pendingLines = 0;
    process.stdout.write('^C\n');
    // What stands on the line goes too.
    this.#interface.write(null, { ctrl: true, name: 'e' });
    this.#interface.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    if (!this.#terminal || this.#closed) return;
    this.#interface.setPrompt(this.#pending === '' ? PROMPT : MORE);
    this.#interface.prompt();
  }

  /** Takes lines in order; a query that runs holds the later ones back. */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#lines.length > 0 && !this.#state.leaving) {
      await this.#take(this.#lines.shift() as string);
      if (this.#lines.length === 0 && !this.#state.leaving) this.#prompt();
    }
    this.#busy = false;
    if (this.#state.leaving || this.#closed) await this.#leave();
  }

  async #leave(): Promise<void> {
    // The last statement of a script need not have its semicolon.
    if (!this.#terminal && this.#pending.trim() !== '' && !this.#state.leaving) {
      const { statements } = splitStatements(`${this.#pending}\n;`);
      this.#pending = '';
      for (const statement of statements) await this.#execute(statement);
    }
    if (this.#terminal) {
      saveHistory(historyPath(), (this.#interface as unknown as History).history);
      if (!this.#state.leaving) process.stdout.write('\n');
    }
    this.#interface.close();
    this.#done.resolve();
  }

  async #take(line: string): Promise<void> {
    if (this.#pending === '' && line.trimStart().startsWith('.')) {
      await this.#echo(line);
      await this.#cancellable((signal) =>
        runDotCommand(line, {
          state: this.#state,
          catalog: this.#catalog,
          source: this.#source,
          terminal: this.#terminal,
          print: (text) => print(process.stdout, text),
          show: (sql, paged) => this.#show(sql, signal, paged),
          rows: (sql, options) => this.#rows(sql, { ...options, signal }),
          wait: (ms) => cancelled(delay(ms, undefined, { signal })),
        }),
      );
      return;
    }
    const { statements, rest } = splitStatements(
      this.#pending === '' ? line : `${this.#pending}\n${line}`,
    );
    this.#pendingLines++;
    if (statements.length > 0 && this.#pendingLines > 1) this.#joinHistory(statements, rest);
    this.#pending = rest.trim() === '' ? '' : rest;
    if (this.#pending === '' || statements.length > 0)
      this.#pendingLines = this.#pending === '' ? 0 : 1;
    for (const statement of statements) await this.#execute(statement);
  }

  /** A statement of many lines becomes one entry, so that one key brings it back. */
  #joinHistory(statements: readonly string[], rest: string): void {
    if (!this.#terminal || rest.trim() !== '') return;
    const { history } = this.#interface as unknown as History;
    const joined = statements
      .map((statement) => `${statement.replaceAll(/\s*\n\s*/g, ' ')};`)
      .join(' ');
    history.splice(0, this.#pendingLines, joined);
  }

  async #echo(text: string): Promise<void> {
    if (this.#state.echo) await print(process.stdout, `${safeText(text)}\n`);
  }

  async #execute(sql: string): Promise<void> {
    if (this.#state.leaving) return;
    await this.#echo(`${sql};`);
    await this.#cancellable((signal) => this.#show(sql, signal));
  }

  /** Ctrl-C ends what runs meanwhile. */
  async #cancellable(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    await this.#guard(() => work(running.signal));
    this.#running = null;
  }

  /** Readline and a pager would both read the keyboard. */
  #lendTerminal(): void {
    this.#interface.pause();
    process.stdin.setRawMode(false);
    process.on('SIGINT', this.#abortRunning);
  }

  #takeTerminalBack(): void {
    process.off('SIGINT', this.#abortRunning);
    process.stdin.setRawMode(true);
    this.#interface.resume();
  }

  readonly #abortRunning = (): void => this.#running?.abort();

  /** undefined: the reader left the pager before the end. */
  async #print(sql: string, signal: AbortSignal, paged: boolean): Promise<RowsEnd | undefined> {
    const { mode, style, pager } = this.#state;
    const left = new AbortController();
    const ask = { maxRows: MAX_ROWS, signal: AbortSignal.any([signal, left.signal]) };
    const formatter = makeFormatter(mode, screenOf(process.stdout), style);
    const result = this.#source.ask(sql, ask);
    const command = this.#terminal && pager && paged ? pagerCommand(process.env) : undefined;
    if (command === undefined) {
      return await writeRows(result, formatter, (text) => print(process.stdout, text));
    }
    const output = new PagedOutput({
      terminal: process.stdout,
      command,
      lend: () => this.#lendTerminal(),
      takeBack: () => this.#takeTerminalBack(),
      stop: () => left.abort(),
    });
    try {
      return await writeRows(result, formatter, (text) => print(output, text));
    } catch (error) {
      if (left.signal.aborted && (error as WeirError).code === 'SQL_CANCELLED') return undefined;
      throw error;
    } finally {
      output.end();
      await finished(output);
    }
  }

  async #show(sql: string, signal: AbortSignal, paged = true): Promise<void> {
    const { mode, style, save, timer } = this.#state;
    this.#state.save = undefined;
    const end =
      save === undefined
        ? await this.#print(sql, signal, paged)
        : await saveResult(
            (stop) =>
              this.#source.ask(sql, { maxRows: 0, signal: AbortSignal.any([signal, stop]) }),
            makeFormatter(mode, NO_SCREEN, style),
            save,
          );
    if (end === undefined) return;
    const { stats, truncated, warnings } = end;
    sayWarnings(warnings);
    if (save !== undefined) {
      await print(process.stdout, `${counted(stats.rows, 'row')} written to ${safeText(save)}\n`);
    }
    if (truncated) await print(process.stdout, `Only the first ${MAX_ROWS} rows are shown.\n`);
    if (timer) {
      await print(
        process.stdout,
        `${counted(stats.rows, 'row')} in ${stats.wallMs.toFixed(1)} ms\n`,
      );
    }
  }

  async #rows(sql: string, options: AskOptions): Promise<Row[]> {
    const all: Row[] = [];
    for await (const rows of this.#source.ask(sql, options).rows) all.push(...rows);
    return all;
  }

  /** An error is shown, and the shell goes on. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failures++;
      if (this.#state.bail) this.#state.leaving = true;
      const cancelled = error instanceof WeirError && error.code === 'SQL_CANCELLED';
      const text = cancelled ? 'cancelled' : `Error: ${safeText((error as Error).message)}`;
      process.stderr.write(`${styleText('red', text, { stream: process.stderr })}\n`);
    }
  }
}

/** Node's error for what a signal ended, as the one that queries have. */
async function cancelled(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw new WeirError('SQL_CANCELLED', 'cancelled', { cause });
  }
}
