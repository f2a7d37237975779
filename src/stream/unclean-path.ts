import { posix } from 'node:path';

/**
 * Paths that had to be taken from the caller's memory (removes, renames, links) are the working
 * directory and what the caller wrote: `/home/eve/../../etc/passwd`. Lexically that is /etc/passwd;
 * where a folder before `..` is a symbolic link it is something else, which nobody can tell
 * afterwards.
 */

/** Whether a piece of dictionary holds any such path. Much cheaper than asking entry by entry. */
export function hasUncleanPath(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.includes('/../') || buffer.includes('/./') || buffer.includes('//');
}

/** The path without `.`, `..` and double slashes, as far as the text can tell. Bytes stay bytes. */
export function cleanPath(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return Buffer.from(posix.normalize(text), 'latin1');
}

/** Whether the path in bytes[from .. to) goes up somewhere. */
export function climbs(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i + 3 <= to; i++) {
    if (bytes[i] !== 47 || bytes[i + 1] !== 46 || bytes[i + 2] !== 46) continue;
    if (i + 3 === to || bytes[i + 3] === 47) return true;
  }
  return false;
}
