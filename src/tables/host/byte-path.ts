/**
 * Paths are bytes, not text: a name that is not UTF-8 must be found again. Inside tables such a
 * path is a string in Latin-1, a character per byte, so that it can be cut and joined as text.
 */
import { isUtf8 } from 'node:buffer';

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it is about
const ASCII = /^[\x00-\x7f]*$/;

/** @param path text, or bytes that may not be UTF-8 */
export function toBytePath(path: string | Uint8Array): string {
  if (typeof path === 'string' && ASCII.test(path)) return path;
  return Buffer.from(path as string).toString('latin1');
}

/** For Node's functions and for Host. */
export function fromBytePath(path: string): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
}

/** For a row. */
export function shownPath(path: string): string | Uint8Array {
  if (ASCII.test(path)) return path;
  const bytes = Buffer.from(path, 'latin1');
  return isUtf8(bytes) ? bytes.toString() : bytes;
}
