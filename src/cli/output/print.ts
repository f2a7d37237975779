import { once } from 'node:events';

/** Writes text and waits while the reader is slower than we are. */
export async function print(
  stream: NodeJS.WritableStream,
  data: string | Uint8Array,
): Promise<void> {
  if (data.length > 0 && !stream.write(data)) await once(stream, 'drain');
}
