import { once } from 'node:events';
import type { Formatter } from './output/formatter.ts';
import type { RowStream, RowsEnd } from './row-source.ts';

/** Writes text and waits while the reader is slower than we are. */
export async function print(
  stream: NodeJS.WritableStream,
  data: string | Uint8Array,
): Promise<void> {
  if (data.length > 0 && !stream.write(data)) await once(stream, 'drain');
}

/** Says on standard error what tables could not read, where it is not in the way of rows. */
export function sayWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`weir: warning: ${warning}\n`);
}

/** As printRows, without a word about warnings. */
export async function writeRows(
  result: RowStream,
  formatter: Formatter,
  stream: NodeJS.WritableStream,
): Promise<RowsEnd> {
  let begun = false;
  for await (const rows of result.rows) {
    if (!begun) await print(stream, formatter.begin(await result.columns));
    begun = true;
    await print(stream, formatter.rows(rows));
  }
  if (!begun) await print(stream, formatter.begin(await result.columns));
  await print(stream, formatter.end());
  return await result.end;
}

/** Prints a result as it comes; memory stays bounded by the slowest of query and reader. */
export async function printRows(
  result: RowStream,
  formatter: Formatter,
  stream: NodeJS.WritableStream,
): Promise<RowsEnd> {
  const end = await writeRows(result, formatter, stream);
  sayWarnings(end.warnings);
  return end;
}
