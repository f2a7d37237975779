import { WeirError } from '../config/errors.ts';
import type { Invocation, Run } from './command.ts';

type Word = (invocation: Invocation, args: readonly string[]) => Promise<number>;

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

/** By word: least and most arguments, and what does it. */
const WORDS: Readonly<Record<string, readonly [number, number, () => Promise<Word>]>> = {
  list: [0, 0, async () => (await import('./exclusions/list.ts')).list],
  add: [0, 1, async () => (await import('./exclusions/change.ts')).add],
  remove: [1, 100, async () => (await import('./exclusions/change.ts')).remove],
  test: [1, 1, async () => (await import('./exclusions/test-event.ts')).testEvent],
};

/** Flags that say nothing about what is excluded. */
const GENERAL = ['json', 'state-dir', 'socket', 'config'];

/** `weir exclusions list`, `add`, `remove` and `test`. */
export const run: Run = async (invocation) => {
  const [word = 'list', ...args] = invocation.args;
  const found = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (found === undefined) {
    throw usage(`weir exclusions knows ${Object.keys(WORDS).join(', ')}; not ${word}`);
  }
  const [min, max, load] = found;
  if (args.length < min) throw usage(`exclusions ${word}: something is missing behind it`);
  if (args.length > max) throw usage(`exclusions ${word}: unexpected argument ${args[max]}`);
  const flag = Object.keys(invocation.flags).find((name) => !GENERAL.includes(name));
  if (word !== 'add' && flag !== undefined) {
    throw usage(`--${flag} is for exclusions add`);
  }
  return (await load())(invocation, args);
};
