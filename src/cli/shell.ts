import type { Run } from './command.ts';
import { locate } from './location.ts';
import { modeOf } from './query.ts';
import { openSource } from './row-source.ts';
import { Shell } from './shell/shell.ts';

export const run: Run = async (invocation) => {
  const mode = modeOf(invocation);
  const source = await openSource(await locate(invocation));
  try {
    return await new Shell(source, mode).run();
  } finally {
    await source.close();
  }
};
