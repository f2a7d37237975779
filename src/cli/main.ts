import { VERSION } from '../config/version.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './commands.ts';
import { safeText } from './output/safe-text.ts';
import { parseInvocation, unknownCommand } from './parse.ts';
import { commandHelp, overview, shortUsage } from './usage.ts';

interface Failure {
  readonly message: string;
  readonly exitCode?: number;
}

/**
 * One line for people (of a bad configuration one for each problem); a stack only for what nobody
 * foresaw, and only when asked for.
 */
function report(error: unknown): number {
  const { message, exitCode } = error as Failure;
  const text = String(message ?? error);
  const lines = exitCode === 78 ? text.split('\n') : [text.replaceAll(/\s*\n\s*/g, ' ')];
  for (const line of lines) process.stderr.write(`weir: ${safeText(line)}\n`);
  if (exitCode === undefined && process.env.WEIR_DEBUG) console.error(error);
  return exitCode ?? 1;
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = COMMANDS.find((command) => command.name === rest[0]);
    const help = name !== undefined && about !== undefined ? commandHelp(about) : overview();
    if (name === undefined) process.stderr.write(help);
    else process.stdout.write(help);
    return name === undefined ? 64 : 0;
  }
  if (name === '--version' || name === '-V') {
    process.stdout.write(`weir ${VERSION}\n`);
    return 0;
  }
  // For packages, which run it when they are installed.
  if (name === '--fill-cache') return (await import('./fill-cache.ts')).fillCache();
  let command: CommandSpec | null = null;
  try {
    command = COMMANDS.find((candidate) => candidate.name === name) ?? null;
    if (command === null) throw unknownCommand(name, COMMANDS);
    const invocation = parseInvocation(command, rest);
    if (invocation.flags.help === true) {
      process.stdout.write(commandHelp(command));
      return 0;
    }
    const { run } = await command.load();
    return await run(invocation);
  } catch (error) {
    const code = report(error);
    if (code === 64) process.stderr.write(shortUsage(command));
    return code;
  }
}

// A reader that has seen enough (weir query | head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
