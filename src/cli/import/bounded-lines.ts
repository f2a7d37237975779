import type { Readable } from 'node:stream';
import { WeirError } from '../../config/errors.ts';

/** Far above the longest row: 128 KiB of arguments, escaped, in two columns. */
const MAX_CHARACTERS = 16 << 20;

/**
 * Lines of a UTF-8 stream with their numbers from 1, empty ones left out, as many at a time as have
 * come.
 *
 * Rejects with WeirError IMPORT_LINE for a line that nobody can have meant.
 */
export async function* boundedLines(
  input: Readable,
  name: string,
): AsyncGenerator<readonly (readonly [line: number, text: string])[]> {
  let rest = '';
  let number = 0;
  const numbered = (texts: readonly string[]) =>
    texts
      .map((text): readonly [number, string] => [++number, text])
      .filter(([, text]) => text.trim() !== '');
  for await (const part of input.setEncoding('utf8') as AsyncIterable<string>) {
    const found = (rest + part).split('\n');
    rest = found.pop() as string;
    if (rest.length > MAX_CHARACTERS) {
      const message = `${name}:${number + found.length + 1}: longer than 16 MiB; is this a jsonl export?`;
      throw new WeirError('IMPORT_LINE', message);
    }
    const lines = numbered(found);
    if (lines.length > 0) yield lines;
  }
  const lines = numbered([rest]);
  if (lines.length > 0) yield lines;
}
