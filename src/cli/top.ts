import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../config/errors.ts';
import { type Invocation, isSet, type Run, text } from './command.ts';
import { locate } from './location.ts';
import { openEvents } from './open-source.ts';
import { print } from './output/print.ts';
import type { RowSource } from './row-source.ts';
import { type Look, look, rates } from './top/look.ts';
import { picture, type Shown, SORTS, type Sort, VIEWS } from './top/screen.ts';
import { Terminal } from './top/terminal.ts';

const DEFAULT_SECONDS = 2;
const MOST_HISTORY = 300;
/** Wide enough for anything: nobody's terminal cuts it. */
const PLAIN = { columns: 160, rows: 1000 };

function interval(invocation: Invocation): number {
  const given = text(invocation, 'interval');
  if (given === undefined) return DEFAULT_SECONDS * 1000;
  if (/^[1-9]\d?$/.test(given) && Number(given) <= 60) return Number(given) * 1000;
  const message = `--interval takes a whole number from 1 to 60, not ${given}`;
  throw new WeirError('USAGE', message, { exitCode: 64 });
}

/** What was looked at so far, and what is shown of it. */
class Top {
  readonly #where: string;
  readonly #history = new Map<string, number[]>();
  #before: Look | undefined;
  #shown: Pick<Shown, 'rates' | 'sources'> = { rates: new Map(), sources: [] };
  view = '1';
  sort: Sort = 'rows';
  paused = false;

  constructor(where: string) {
    this.#where = where;
  }

  take(now: Look): void {
    const between = rates(this.#before ?? now, now);
    if (this.#before !== undefined) {
      for (const [name, { stored }] of between) {
        const values = this.#history.get(name) ?? [];
        this.#history.set(name, [...values.slice(1 - MOST_HISTORY), stored]);
      }
    }
    this.#before = now;
    this.#shown = { rates: between, sources: now.sources };
  }

  lines(columns: number, rows: number): string[] {
    const { view, sort, paused } = this;
    const all = { view, sort, paused, where: this.#where, history: this.#history };
    return picture({ ...this.#shown, ...all }, columns, rows);
  }

  /** Returns whether the key means something. */
  key(key: string): boolean {
    if (Object.hasOwn(VIEWS, key)) this.view = key;
    else if (key === 's')
      this.sort = SORTS[(SORTS.indexOf(this.sort) + 1) % SORTS.length] ?? 'rows';
    else if (key === 'p') this.paused = !this.paused;
    else return false;
    return true;
  }
}

/** `weir top`. */
export const run: Run = async (invocation) => {
  const every = interval(invocation);
  const source = await openEvents(await locate(invocation));
  try {
    const { stdin, stdout } = process;
    const live = stdin.isTTY && stdout.isTTY && !isSet(invocation, 'once');
    return await (live ? follow(source, every) : once(source, every));
  } finally {
    await source.close();
  }
};

async function once(source: RowSource, every: number): Promise<number> {
  const top = new Top(source.where);
  const { signal } = new AbortController();
  top.take(await look(source, signal));
  await sleep(every);
  top.take(await look(source, signal));
  for (const view of Object.keys(VIEWS)) {
    top.view = view;
    const lines = top.lines(PLAIN.columns, PLAIN.rows).slice(0, -2);
    const from = view === '1' ? 0 : lines.lastIndexOf('') + 1;
    const own = lines.slice(from).map((line) => line.trimEnd());
    await print(process.stdout, `${view === '1' ? '' : '\n'}${own.join('\n')}\n`);
  }
  return 0;
}

async function follow(source: RowSource, every: number): Promise<number> {
  const top = new Top(source.where);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const terminal = new Terminal(process.stdin, process.stdout);
  const draw = (): void => terminal.draw(top.lines(terminal.columns, terminal.rows));
  const key = (typed: string): void => {
    if (typed === 'q' || typed === '\u0003' || typed === '\u0004') end();
    else if (top.key(typed)) draw();
  };
  terminal.enter(key, draw, end);
  try {
    while (!stop.signal.aborted) {
      if (!top.paused) top.take(await look(source, stop.signal));
      if (stop.signal.aborted) break;
      draw();
      await sleep(every, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    terminal.leave();
  }
  return 0;
}
