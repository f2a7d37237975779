import { WeirError } from '../../config/errors.ts';
import type { Formatter } from '../output/formatter.ts';
import { openOutput } from '../output/open-output.ts';
import { writeRows } from '../print-rows.ts';
import type { RowStream, RowsEnd } from '../row-source.ts';

/**
 * Writes a result to a file, for the owner's eyes only, and puts it in place when it is whole: what
 * was there stays when the query fails or the disk is full.
 *
 * @throws WeirError OUTPUT_UNWRITABLE; what the query throws
 */
export async function saveResult(
  ask: (signal: AbortSignal) => RowStream,
  formatter: Formatter,
  path: string,
): Promise<RowsEnd> {
  const output = await openOutput(path);
  // A query whose rows nobody takes any more would hold its thread.
  const stop = new AbortController();
  try {
    const end = await writeRows(ask(stop.signal), formatter, (text) => output.write(text));
    await output.done();
    return end;
  } catch (cause) {
    stop.abort();
    await output.abandon();
    if (cause instanceof WeirError) throw cause;
    const why = (cause as Error).message;
    throw new WeirError('OUTPUT_UNWRITABLE', `cannot write ${path}: ${why}`, { cause });
  }
}
