import { open, rename, rm } from 'node:fs/promises';
import { WeirError } from '../../config/errors.ts';
import type { Formatter } from '../output/formatter.ts';
import { writeRows } from '../print-rows.ts';
import type { RowStream, RowsEnd } from '../row-source.ts';

/**
 * Writes a result to a file, for the owner's eyes only, and puts it in place when it is whole: what
 * was there stays when the query fails or the disk is full.
 *
 * @throws WeirError SHELL when the file cannot be written; what the query throws
 */
export async function saveResult(
  ask: (signal: AbortSignal) => RowStream,
  formatter: Formatter,
  path: string,
): Promise<RowsEnd> {
  // A query whose rows nobody takes any more would hold its thread.
  const stop = new AbortController();
  const next = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(next, 'w', 0o600);
    const stream = file.createWriteStream();
    const written = Promise.withResolvers<void>();
    written.promise.catch(() => {});
    stream.once('close', written.resolve).once('error', written.reject);
    const end = await Promise.race([
      writeRows(ask(stop.signal), formatter, stream),
      written.promise.then(() => Promise.reject(new Error('closed too early'))),
    ]);
    stream.end();
    await written.promise;
    await rename(next, path);
    return end;
  } catch (cause) {
    stop.abort();
    await rm(next, { force: true });
    if (cause instanceof WeirError) throw cause;
    throw new WeirError('SHELL', `cannot save to ${path}: ${(cause as Error).message}`, { cause });
  }
}
