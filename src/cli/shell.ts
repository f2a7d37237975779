import { modeOf, statementsAsked, styleOf } from './asked.ts';
import { type Invocation, isSet, type Run } from './command.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import { run as query } from './query.ts';
import { Shell } from './shell/shell.ts';

/** A dot-command among the arguments; undefined: none. */
function dotCommand({ args, flags }: Invocation): string | undefined {
  if (isSet({ args, flags }, 'tables')) return '.tables';
  return args[0]?.trimStart().startsWith('.') ? args[0] : undefined;
}

export const run: Run = async (invocation) => {
  const script = dotCommand(invocation);
  // As osqueryi: who says what to ask gets that alone.
  if (script === undefined && (await statementsAsked(invocation)) !== undefined) {
    return await query(invocation);
  }
  const mode = modeOf(invocation);
  const style = styleOf(invocation);
  const source = await openSource(await locate(invocation));
  try {
    return await new Shell(source, mode, style, script).run();
  } finally {
    await source.close();
  }
};
