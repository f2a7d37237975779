import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import type { z } from 'zod';

/** Larger than any state of a container; podman's list of all of them is the longest. */
export const STATE_MAX = 4 << 20;
const FOLDERS_MAX = 1024;

/** A FIFO does not wait for its writer, and a link does not lead to a device. */
export const STATE_FLAGS =
  constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/**
 * A file of a runtime's state. Undefined when it is not there, not a regular file, or too
 * large.
 */
export function stateText(path: string): string | undefined {
  // Most are not there, and an exception costs ten times the look.
  if (!existsSync(path)) return undefined;
  let fd: number | undefined;
  try {
    fd = openSync(path, STATE_FLAGS);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > STATE_MAX) return undefined;
    // By its size, not to its end: a file that grows while it is read ends where it was.
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(fd, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What a text of JSON holds, if it has that form: it may be half written, or another version's. */
export function parsed<T>(text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function stateJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  return parsed(stateText(path), schema);
}

/** Names of what is in a folder, so many at most; none when it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder).slice(0, FOLDERS_MAX);
  } catch {
    return [];
  }
}
