import { type Run, text } from './command.ts';
import { modeOf } from './query.ts';
import { DEFAULT_STATE_DIR, openSource } from './row-source.ts';
import { Shell } from './shell/shell.ts';

export const run: Run = async (invocation) => {
  const mode = modeOf(invocation);
  const source = await openSource(text(invocation, 'state-dir') ?? DEFAULT_STATE_DIR);
  try {
    return await new Shell(source, mode).run();
  } finally {
    await source.close();
  }
};
