import { modeOf, statementsAsked, styleOf } from './asked.ts';
import type { Run } from './command.ts';
import { locate } from './location.ts';
import { openSource } from './open-source.ts';
import { run as query } from './query.ts';
import { Shell } from './shell/shell.ts';

export const run: Run = async (invocation) => {
  // As osqueryi: who says what to ask gets that alone.
  if ((await statementsAsked(invocation)) !== undefined) return await query(invocation);
  const mode = modeOf(invocation);
  const style = styleOf(invocation);
  const source = await openSource(await locate(invocation));
  try {
    return await new Shell(source, mode, style).run();
  } finally {
    await source.close();
  }
};
