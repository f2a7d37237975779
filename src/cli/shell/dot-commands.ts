import { WeirError } from '../../config/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { MODES, type Mode } from '../output/formatter.ts';
import type { Catalog } from './catalog.ts';

/** What dot-commands can change. */
export interface ShellState {
  mode: Mode;
  timer: boolean;
  leaving: boolean;
}

export interface DotContext {
  readonly state: ShellState;
  readonly catalog: Catalog;
  readonly print: (text: string) => Promise<void>;
}

interface DotCommand {
  readonly args: string;
  readonly summary: string;
  readonly run: (context: DotContext, argument: string) => Promise<void> | void;
}

function leave({ state }: DotContext): void {
  state.leaving = true;
}

async function tables({ catalog, print }: DotContext, pattern: string): Promise<void> {
  const wanted = pattern.toLowerCase().replaceAll('%', '');
  for (const table of await catalog.tables()) {
    if (table.includes(wanted)) await print(`  => ${table}\n`);
  }
}

async function schemaOf(catalog: Catalog, table: string): Promise<string> {
  const columns = await catalog.columns(table);
  const lines = columns.map(
    ({ name, type, hidden }) => `  ${name} ${type}${hidden ? ' HIDDEN' : ''}`,
  );
  return `CREATE TABLE ${table}(\n${lines.join(',\n')}\n);\n`;
}

async function schema({ catalog, print }: DotContext, table: string): Promise<void> {
  const known = await catalog.tables();
  if (table !== '' && !known.includes(table)) {
    const meant = suggest(table, known);
    const hint = meant === undefined ? '.tables lists all' : `did you mean ${meant}?`;
    throw new WeirError('SHELL', `no such table: ${table}; ${hint}`);
  }
  for (const name of table === '' ? known : [table]) await print(await schemaOf(catalog, name));
}

async function mode({ state, print }: DotContext, asked: string): Promise<void> {
  const found = MODES.find((name) => name === asked);
  if (asked === '') await print(`mode is ${state.mode}; there are ${MODES.join(', ')}\n`);
  else if (found === undefined) {
    throw new WeirError('SHELL', `no such mode: ${asked}; there are ${MODES.join(', ')}`);
  } else state.mode = found;
}

async function timer({ state, print }: DotContext, asked: string): Promise<void> {
  if (asked === 'on' || asked === 'off') state.timer = asked === 'on';
  else if (asked === '') await print(`timer is ${state.timer ? 'on' : 'off'}\n`);
  else throw new WeirError('SHELL', '.timer takes on or off');
}

const COMMANDS: Readonly<Record<string, DotCommand>> = {
  '.help': { args: '', summary: 'show this', run: help },
  '.tables': { args: '[PART]', summary: 'list tables, or those whose name has PART', run: tables },
  '.schema': { args: '[TABLE]', summary: 'show columns', run: schema },
  '.mode': { args: '[MODE]', summary: `how rows are shown: ${MODES.join(', ')}`, run: mode },
  '.timer': { args: 'on|off', summary: 'show how long each query took', run: timer },
  '.quit': { args: '', summary: 'leave (also .exit and Ctrl-D)', run: leave },
  '.exit': { args: '', summary: 'leave', run: leave },
};

export const DOT_COMMANDS: readonly string[] = Object.keys(COMMANDS);

async function help({ print }: DotContext): Promise<void> {
  const rows = Object.entries(COMMANDS).map(
    ([name, { args, summary }]) => `${`${name} ${args}`.padEnd(18)} ${summary}\n`,
  );
  await print(`A statement ends with a semicolon. Ctrl-C cancels it.\n${rows.join('')}`);
}

/** Runs `.name argument`. @throws WeirError SHELL for what it does not know */
export async function runDotCommand(line: string, context: DotContext): Promise<void> {
  const [name = '', ...rest] = line.trim().split(/\s+/);
  const command = COMMANDS[name];
  if (command === undefined) {
    const meant = suggest(name, DOT_COMMANDS);
    const hint = meant === undefined ? '.help lists them' : `did you mean ${meant}?`;
    throw new WeirError('SHELL', `no such command: ${name}; ${hint}`);
  }
  await command.run(context, rest.join(' ').replace(/;$/, ''));
}
