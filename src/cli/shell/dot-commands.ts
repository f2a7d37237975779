import { WeirError } from '../../config/errors.ts';
import { suggest } from '../../config/suggest.ts';
import { LOOKING } from './looking.ts';
import { SETTINGS } from './settings.ts';
import type { DotCommand, DotContext } from './state.ts';

function leave({ state }: DotContext): void {
  state.leaving = true;
}

/** Commands of osqueryi that have nothing to act on here, and why. */
const SENSELESS: Readonly<Record<string, string>> = {
  '.connect':
    'osquery’s extensions speak a protocol of its own; weir shell --socket asks another daemon',
  '.disconnect': 'there is no extension to leave; .quit leaves the shell',
  '.timeout': 'a query has the daemon’s time, or that of weir query --timeout',
  '.features': 'weir has no features to switch on one by one; .summary shows what is set',
};

const COMMANDS: Readonly<Record<string, DotCommand>> = Object.fromEntries(
  Object.entries({
    ...LOOKING,
    ...SETTINGS,
    '.exit': { args: '', summary: 'leave', run: leave },
    '.help': { args: '', summary: 'show this', run: help },
    '.quit': { args: '', summary: 'leave (also Ctrl-D)', run: leave },
  }).sort(([a], [b]) => (a < b ? -1 : 1)),
);

export const DOT_COMMANDS: readonly string[] = Object.keys(COMMANDS);

const INDENT = 19;

/** Lines of words, each no longer than `width` where words allow it. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

async function help({ terminal, print }: DotContext): Promise<void> {
  const cells = terminal ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
  const rows = Object.entries(COMMANDS).map(([name, { args, summary }]) => {
    const lines = wrapped(summary, Math.max(20, cells - INDENT));
    return `${`${name} ${args}`.padEnd(INDENT - 1)} ${lines.join(`\n${' '.repeat(INDENT)}`)}\n`;
  });
  await print(`A statement ends with a semicolon. Ctrl-C cancels it.\n${rows.join('')}`);
}

/** Runs `.name argument`. @throws WeirError SHELL for what it does not know */
export async function runDotCommand(line: string, context: DotContext): Promise<void> {
  const [, typed = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
  const name = typed.replace(/;$/, '');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // Out of habit; but alone it is what stands between columns, say.
  const argument = /^;+$/.test(rest) ? rest : rest.replace(/[\s;]+$/, '');
  if (command !== undefined) return await command.run(context, argument);
  if (Object.hasOwn(SENSELESS, name)) {
    throw new WeirError('SHELL', `no ${name} here: ${SENSELESS[name]}`);
  }
  const meant = suggest(name, DOT_COMMANDS);
  const hint = meant === undefined ? '.help lists them' : `did you mean ${meant}?`;
  throw new WeirError('SHELL', `no such command: ${name}; ${hint}`);
}
