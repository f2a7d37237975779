import type { CommandSpec, FlagSpec } from './command.ts';
import { COMMANDS } from './commands.ts';

const HELP: FlagSpec = { name: 'help', type: 'boolean', short: 'h', summary: 'show this' };

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

function flagName(flag: FlagSpec): string {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  return `${short}--${flag.name}${flag.value === undefined ? '' : ` ${flag.value}`}`;
}

function synopsis(command: CommandSpec): string {
  const options = command.flags.length > 0 ? ' [OPTIONS]' : '';
  return `weir ${command.name}${options}${command.args === '' ? '' : ` ${command.args}`}`;
}

/** `weir --help` */
export function overview(): string {
  return [
    'weir watches a Linux host and answers about it in SQL.',
    '',
    'Usage: weir COMMAND [OPTIONS]',
    '',
    columns(COMMANDS.map((command) => [command.name, command.summary] as const)),
    '',
    'weir COMMAND --help tells more about one. weir --version prints the version.',
    'Ends with 0 when fine, 1 failed, 64 wrong usage, 77 not permitted, 78 bad configuration.',
    '',
  ].join('\n');
}

/** `weir COMMAND --help` */
export function commandHelp(command: CommandSpec): string {
  const flags = [...command.flags, HELP];
  return [
    `Usage: ${synopsis(command)}`,
    '',
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    command.details,
    '',
    columns(flags.map((flag) => [flagName(flag), flag.summary] as const)),
    '',
    ...command.examples.map((example) => `  $ ${example}`),
    '',
  ].join('\n');
}

/** Two lines for wrong use. */
export function shortUsage(command: CommandSpec | null): string {
  if (command === null) return 'usage: weir COMMAND [OPTIONS] (weir --help lists the commands)\n';
  return `usage: ${synopsis(command)} (weir ${command.name} --help tells more)\n`;
}
