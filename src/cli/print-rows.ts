import type { Formatter } from './output/formatter.ts';
import { type Output, STANDARD_OUTPUT } from './output/open-output.ts';
import type { RowStream, RowsEnd } from './row-source.ts';

/** Says on standard error what tables could not read, where it is not in the way of rows. */
export function sayWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`weir: warning: ${warning}\n`);
}

/** As printRows, to whatever takes text, and without a word about warnings. */
export async function writeRows(
  result: RowStream,
  formatter: Formatter,
  write: (text: string) => Promise<void>,
): Promise<RowsEnd> {
  let begun = false;
  for await (const rows of result.rows) {
    if (!begun) await write(formatter.begin(await result.columns));
    begun = true;
    await write(formatter.rows(rows));
  }
  if (!begun) await write(formatter.begin(await result.columns));
  await write(formatter.end());
  return await result.end;
}

/** Prints a result as it comes; memory stays bounded by the slowest of query and reader. */
export async function printRows(
  result: RowStream,
  formatter: Formatter,
  output: Output = STANDARD_OUTPUT,
): Promise<RowsEnd> {
  const end = await writeRows(result, formatter, (text) => output.write(text));
  sayWarnings(end.warnings);
  return end;
}
