import type { Mode, Style } from '../output/formatter.ts';
import type { AskOptions, Row, RowSource } from '../row-source.ts';
import type { Catalog } from './catalog.ts';

/** What dot-commands can change. */
export interface ShellState {
  mode: Mode;
  style: Style;
  timer: boolean;
  /** Whether lines are shown before they run. */
  echo: boolean;
  /** Whether an error ends the shell. */
  bail: boolean;
  /** Whether results that are longer than the screen go through a pager. */
  pager: boolean;
  /** File that gets the next result. */
  save: string | undefined;
  leaving: boolean;
}

export interface DotContext {
  readonly state: ShellState;
  readonly catalog: Catalog;
  readonly source: RowSource;
  readonly terminal: boolean;
  readonly print: (text: string) => Promise<void>;
  /** Runs SQL and shows its rows in the mode that is set; throws what the query throws.
   * `paged` false: never in a pager. */
  readonly show: (sql: string, paged?: boolean) => Promise<void>;
  /** Rows of a small result. */
  readonly rows: (sql: string, options?: AskOptions) => Promise<Row[]>;
  /** Waits; rejects at Ctrl-C. */
  readonly wait: (ms: number) => Promise<void>;
}

export interface DotCommand {
  readonly args: string;
  readonly summary: string;
  readonly run: (context: DotContext, argument: string) => Promise<void> | void;
}
