import { WeirError } from '../config/errors.ts';
import type { Invocation, Run } from './command.ts';

type Word = (invocation: Invocation, args: readonly string[]) => Promise<number>;

/** Flags that are not for all words. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  origin: ['show'],
  json: ['show', 'get'],
  temporary: ['provider'],
};

/** What stands behind `weir config`: what each takes, and how many words that is. */
const WORDS: Readonly<
  Record<string, readonly [takes: string, min: number, max: number, () => Promise<Word>]>
> = {
  check: ['[FILE]', 0, 1, async () => (await import('./config/check.ts')).check],
  show: ['nothing', 0, 0, async () => (await import('./config/show.ts')).show],
  get: ['KEY', 1, 1, async () => (await import('./config/show.ts')).get],
  set: ['KEY VALUE', 2, 2, async () => (await import('./config/change.ts')).set],
  unset: ['KEY', 1, 1, async () => (await import('./config/change.ts')).unset],
  provider: ['NAME', 1, 1, async () => (await import('./config/change.ts')).provider],
  events: ['CLASS on|off', 2, 2, async () => (await import('./config/change.ts')).events],
  schema: ['nothing', 0, 0, async () => (await import('./config/schema.ts')).schema],
};

export const run: Run = async (invocation) => {
  const [word = '', ...args] = invocation.args;
  const found = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (found === undefined) {
    throw usage(`unknown word ${word}; there are ${Object.keys(WORDS).join(', ')}`);
  }
  const [takes, min, max, load] = found;
  if (args.length < min) throw usage(`config ${word} takes ${takes}`);
  if (args.length > max) {
    throw usage(`config ${word} takes ${takes}; unexpected argument ${args[max]}`);
  }
  for (const [flag, words] of Object.entries(FLAGS)) {
    if (invocation.flags[flag] === undefined || words.includes(word)) continue;
    throw usage(`config ${word} takes no --${flag}: it is for ${words.join(' and ')}`);
  }
  return (await load())(invocation, args);
};

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });
