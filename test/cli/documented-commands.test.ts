import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parseInvocation } from '../../src/cli/parse.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Alternatives and parts that may be left out: a form, not a command. */
const FORM = /[[\]…]|\w\|\w/;

/** The words that a shell would make of a line, up to what ends a command; null: it is not closed. */
function wordsOf(line: string): readonly string[] | null {
  const words: string[] = [];
  const word = /\s*(?:([|;&<>]|#)|((?:'[^']*'|"(?:[^"\\]|\\.)*"|[^\s'"|;&<>])+))/y;
  for (let at = 0; at < line.trimEnd().length; at = word.lastIndex) {
    word.lastIndex = at;
    const [, end, text] = word.exec(line) ?? [];
    if (end !== undefined || text?.startsWith('#')) return words;
    if (text === undefined) return null;
    words.push(text.replaceAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, '$1$2'));
  }
  return words;
}

/** Commands that a document has: in blocks, to be typed as they stand, and in its sentences. */
function commandsIn(text: string): Record<'shown' | 'named', readonly string[]> {
  const inBlocks = [...text.matchAll(/^(?: {4}|\$ |)(?:sudo |npx )*weir ([a-z].*)$/gm)];
  const inline = [...text.matchAll(/`(?:npx )?weir ([a-z][^`]*)`/g)];
  const blocks = text.split('\n```').filter((_, i) => i % 2 === 1);
  const fenced = new Set(blocks.flatMap((block) => block.split('\n')));
  // A line of running text may begin with the program's name.
  const shown = inBlocks.filter(([line]) => /^(?: {4}|\$)/.test(line) || fenced.has(line));
  const commands = (found: typeof inline) =>
    found.map(([, words = '']) => words).filter((line) => !FORM.test(line));
  return { shown: commands(shown), named: commands(inline) };
}

describe('commands that the documents show', () => {
  const files = [
    ...globSync(join(ROOT, 'docs/**/*.md')),
    ...globSync(join(ROOT, '*.md')),
    ...globSync(join(ROOT, 'packaging/**/*.{md,json,service}')),
  ];
  let tried = 0;
  for (const file of files.sort()) {
    const found = commandsIn(readFileSync(file, 'utf8'));
    const shown = new Set(found.shown);
    const commands = [...found.shown, ...found.named];
    if (commands.length === 0) continue;
    it(`${relative(ROOT, file)}: ${commands.length}`, () => {
      for (const line of commands) {
        const [name, ...words] = wordsOf(line) ?? [];
        const command = COMMANDS.find((one) => one.name === name);
        assert.ok(command, `weir ${line}`);
        tried++;
        try {
          parseInvocation(command, words);
        } catch (error) {
          // In a sentence it may be named without what it takes; its flags are looked at before.
          assert.match((error as Error).message, / is missing$/, `weir ${line}`);
          assert.ok(!shown.has(line), `weir ${line}: ${error}`);
        }
      }
    });
  }

  it('are found', () => assert.ok(tried > 100, String(tried)));
});
