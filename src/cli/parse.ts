import { parseArgs } from 'node:util';
import { WeirError } from '../config/errors.ts';
import { suggest } from '../config/suggest.ts';
import type { CommandSpec, Invocation } from './command.ts';

function usageError(message: string): WeirError {
  return new WeirError('USAGE', message, { exitCode: 64 });
}

/** parseArgs's messages have words and advice that do not fit here. */
function wrongOption(command: CommandSpec, error: unknown): WeirError {
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    const name = /--([\w-]+)/.exec(message)?.[1] ?? '';
    const value = command.flags.find((flag) => flag.name === name)?.value;
    return usageError(`--${name} takes ${value === undefined ? 'no value' : `a ${value}`}`);
  }
  const option = /'(--?[^' ]+)/.exec(message)?.[1];
  if (!message.startsWith('Unknown option') || option === undefined) {
    return usageError(message.split('. ')[0] ?? message);
  }
  const meant = suggest(
    option.replace(/^-+/, ''),
    command.flags.map((flag) => flag.name),
  );
  const hint = meant === undefined ? '' : `; did you mean --${meant}?`;
  return usageError(`unknown option ${option}${hint}`);
}

/**
 * Reads the words after the command's name. Flags may stand anywhere, and with - or _ inside.
 *
 * @throws WeirError USAGE (64)
 */
export function parseInvocation(command: CommandSpec, words: readonly string[]): Invocation {
  const plain = words.map((word) => {
    if (!word.startsWith('--')) return word;
    const dashed = word.replace(/^--[^=]+/, (name) => name.replaceAll('_', '-'));
    // As osquery takes switches: --header=false.
    const [, name = '', value] = /^--([^=]+)=(true|false)$/.exec(dashed) ?? [];
    const isSwitch = command.flags.some((flag) => flag.name === name && flag.type === 'boolean');
    if (!isSwitch) return dashed;
    return value === 'true' ? `--${name}` : `--no-${name}`;
  });
  const options = Object.fromEntries(
    command.flags.map(({ name, type, short }) => [name, short ? { type, short } : { type }]),
  );
  let parsed: { values: Invocation['flags']; positionals: string[] };
  try {
    parsed = parseArgs({
      args: plain,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
      allowNegative: true,
    });
  } catch (error) {
    throw wrongOption(command, error);
  }
  const { values, positionals } = parsed;
  if (values.help !== true) {
    if (positionals.length < command.minArgs) throw usageError(`${command.args} is missing`);
    if (positionals.length > command.maxArgs) {
      throw usageError(`unexpected argument ${positionals[command.maxArgs]}`);
    }
  }
  return { flags: values, args: positionals };
}

/** @throws WeirError USAGE for a name that is no command */
export function unknownCommand(name: string, commands: readonly CommandSpec[]): WeirError {
  const meant = suggest(
    name,
    commands.map((command) => command.name),
  );
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return usageError(`unknown command ${name}${hint}`);
}
