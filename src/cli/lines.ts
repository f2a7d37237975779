import type { Readable } from 'node:stream';

/** Whole lines of a UTF-8 stream, as many at a time as have come. */
export async function* lines(input: Readable): AsyncGenerator<string[]> {
  let rest = '';
  for await (const part of input.setEncoding('utf8') as AsyncIterable<string>) {
    const found = (rest + part).split('\n');
    rest = found.pop() as string;
    if (found.length > 0) yield found;
  }
  if (rest !== '') yield [rest];
}
