import { WeirError } from '../../config/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { MODES, type Mode } from '../output/formatter.ts';
import { safeText } from '../output/safe-text.ts';
import type { DotCommand, DotContext, ShellState } from './state.ts';

/** osqueryi's name of the drawn table. */
const PRETTY = 'pretty';

type Switch = 'timer' | 'echo' | 'bail' | 'pager';

function onOrOff(name: string, asked: string): boolean {
  if (asked === 'on' || asked === 'off') return asked === 'on';
  throw new WeirError('SHELL', `.${name} takes on or off`);
}

function toggle(name: Switch, summary: string): DotCommand {
  return {
    args: 'on|off',
    summary,
    run: async ({ state, print }, asked) => {
      if (asked === '') await print(`${name} is ${state[name] ? 'on' : 'off'}\n`);
      else state[name] = onOrOff(name, asked);
    },
  };
}

async function mode({ state, print }: DotContext, asked: string): Promise<void> {
  const name = asked.replaceAll('_', '-');
  const found: Mode | undefined = asked === PRETTY ? 'table' : MODES.find((one) => one === name);
  if (asked === '') await print(`mode is ${state.mode}; there are ${MODES.join(', ')}\n`);
  else if (found === undefined) {
    const meant = suggest(asked, [...MODES, PRETTY]);
    const hint = meant === undefined ? `there are ${MODES.join(', ')}` : `did you mean ${meant}?`;
    throw new WeirError('SHELL', `no such mode: ${asked}; ${hint}`);
  } else state.mode = found;
}

async function headers({ state, print }: DotContext, asked: string): Promise<void> {
  if (asked === '') await print(`headers is ${state.style.header ? 'on' : 'off'}\n`);
  else state.style = { ...state.style, header: onOrOff('headers', asked) };
}

/** Text in quotes may have spaces, and what C writes with a backslash. */
function unquoted(text: string): string {
  const [, , inner = text] = /^(["'])(.*)\1$/.exec(text) ?? [];
  const named: Readonly<Record<string, string>> = { t: '\t', n: '\n', '\\': '\\' };
  return inner.replaceAll(/\\([tn\\])/g, (_, letter: string) => named[letter] as string);
}

function widths({ state }: DotContext, asked: string): void {
  const given = asked === '' ? [] : asked.split(/[\s,]+/).map(Number);
  if (given.some((width) => !Number.isInteger(width) || width < 0 || width > 10_000)) {
    throw new WeirError('SHELL', '.width takes numbers of cells, 0 for as many as are needed');
  }
  state.style = { ...state.style, widths: given };
}

/** Everything that can be set, as .show lists it. */
export function settings({
  mode,
  style,
  ...rest
}: ShellState): readonly (readonly [string, string])[] {
  const name = (on: boolean): string => (on ? 'on' : 'off');
  return [
    ['bail', name(rest.bail)],
    ['echo', name(rest.echo)],
    ['headers', name(style.header)],
    ['mode', mode],
    ['nullvalue', JSON.stringify(style.nullValue)],
    ['pager', name(rest.pager)],
    ['save', rest.save ?? 'nothing'],
    ['separator', JSON.stringify(style.separator ?? (mode === 'csv' ? ',' : '|'))],
    ['timer', name(rest.timer)],
    ['width', style.widths.join(' ') || 'as needed'],
  ];
}

async function show({ state, print }: DotContext): Promise<void> {
  for (const [name, value] of settings(state)) {
    await print(`${name.padStart(10)}: ${safeText(value)}\n`);
  }
}

export const SETTINGS: Readonly<Record<string, DotCommand>> = {
  '.bail': toggle('bail', 'leave after the first error'),
  '.echo': toggle('echo', 'show statements before they run'),
  '.headers': { args: 'on|off', summary: 'names of columns', run: headers },
  '.mode': { args: '[MODE]', summary: `how rows are shown: ${MODES.join(', ')}`, run: mode },
  '.nullvalue': {
    args: '[TEXT]',
    summary: 'what NULL is shown as',
    run: ({ state }, asked) => {
      state.style = { ...state.style, nullValue: unquoted(asked) };
    },
  },
  '.pager': toggle('pager', 'long results go through $PAGER, or less'),
  '.save': {
    args: 'FILE',
    summary: 'write the next result to a file, which is replaced',
    run: ({ state }, asked) => {
      if (asked === '') throw new WeirError('SHELL', '.save takes the name of a file');
      state.save = unquoted(asked);
    },
  },
  '.separator': {
    args: '[TEXT]',
    summary: 'between the fields of csv and list; \\t is a tab',
    run: ({ state }, asked) => {
      state.style = { ...state.style, separator: asked === '' ? undefined : unquoted(asked) };
    },
  },
  '.show': { args: '', summary: 'all that can be set', run: show },
  '.timer': toggle('timer', 'show how long each query took'),
  '.width': { args: 'N...', summary: 'cells of the columns of column and table', run: widths },
};
