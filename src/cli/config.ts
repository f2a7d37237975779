import { WeirError } from '../config/errors.ts';
import type { Invocation, Run } from './command.ts';

type Word = (invocation: Invocation, args: readonly string[]) => Promise<number>;

/** What stands behind `weir config`, and how many words each takes. */
const WORDS: Readonly<Record<string, readonly [min: number, max: number, () => Promise<Word>]>> = {
  check: [0, 1, async () => (await import('./config/check.ts')).check],
  show: [0, 0, async () => (await import('./config/show.ts')).show],
  get: [1, 1, async () => (await import('./config/show.ts')).get],
  set: [2, 2, async () => (await import('./config/change.ts')).set],
  unset: [1, 1, async () => (await import('./config/change.ts')).unset],
  provider: [1, 1, async () => (await import('./config/change.ts')).provider],
  events: [2, 2, async () => (await import('./config/change.ts')).events],
  schema: [0, 0, async () => (await import('./config/schema.ts')).schema],
};

export const run: Run = async (invocation) => {
  const [word = '', ...args] = invocation.args;
  const found = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (found === undefined) {
    throw usage(`unknown word ${word}; there are ${Object.keys(WORDS).join(', ')}`);
  }
  const [min, max, load] = found;
  if (args.length < min) throw usage(`config ${word}: something is missing behind it`);
  if (args.length > max) throw usage(`config ${word}: unexpected argument ${args[max]}`);
  return (await load())(invocation, args);
};

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });
