import { WeirError } from '../config/errors.ts';
import type { Invocation, Run } from './command.ts';

type Word = (invocation: Invocation, args: readonly string[]) => Promise<number>;

const usage = (message: string): WeirError => new WeirError('USAGE', message, { exitCode: 64 });

/** By word: what it takes, least and most arguments, and what does it. */
const WORDS: Readonly<Record<string, readonly [string, number, number, () => Promise<Word>]>> = {
  list: ['nothing', 0, 0, async () => (await import('./exclusions/list.ts')).list],
  add: ['flags, or one RULE', 0, 1, async () => (await import('./exclusions/change.ts')).add],
  remove: ['ID...', 1, 100, async () => (await import('./exclusions/change.ts')).remove],
  test: ['EVENT', 1, 1, async () => (await import('./exclusions/test-event.ts')).testEvent],
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
  const [takes, min, max, load] = found;
  if (args.length < min) throw usage(`exclusions ${word} takes ${takes}`);
  if (args.length > max) {
    throw usage(`exclusions ${word} takes ${takes}; unexpected argument ${args[max]}`);
  }
  const flag = Object.keys(invocation.flags).find((name) => !GENERAL.includes(name));
  if (word !== 'add' && flag !== undefined) {
    throw usage(`--${flag} is for exclusions add`);
  }
  return (await load())(invocation, args);
};
