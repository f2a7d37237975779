import { WeirError } from './errors.ts';
import { JsoncReader } from './jsonc-reader.ts';
import type { JsonPath } from './key-path.ts';

export const MAX_JSON_BYTES = 4 * 1024 * 1024;

export interface Place {
  readonly line: number; // from 1
  readonly column: number; // from 1, in characters
}

/** A document that is not JSON, even with comments. */
export class JsoncError extends WeirError {
  readonly place: Place;

  constructor(message: string, place: Place) {
    super('JSON_SYNTAX', `line ${place.line}, column ${place.column}: ${message}`, {
      exitCode: 78,
    });
    this.place = place;
  }
}

export interface JsonDocument {
  readonly value: unknown;
  /** Keys that an object holds more than once; the last one counted. */
  readonly duplicates: readonly JsonPath[];
  /** Where a key or array element stands; the nearest holder that exists, for a path that does not. */
  locate(path: JsonPath): Place;
}

/**
 * Reads JSON with comments: `//`, `#` and block comments outside strings; and osquery's way to
 * break a long string: a backslash at the end of the line, after which whole-line comments may
 * stand too. A byte order mark is skipped.
 *
 * @throws JsoncError (JSON_SYNTAX) also for more than 4 MiB, nesting deeper than 32, broken UTF-8,
 * and whole numbers that a double cannot hold exactly.
 */
export function parseJsonc(input: string | Uint8Array): JsonDocument {
  const text = typeof input === 'string' ? input : decode(input);
  if (Buffer.byteLength(text) > MAX_JSON_BYTES) {
    throw new JsoncError('the document is larger than 4 MiB', { line: 1, column: 1 });
  }
  const reader = new JsoncReader(text, (message, offset) => {
    throw new JsoncError(message, placeOf(text, offset));
  });
  const value = reader.read();
  return {
    value,
    duplicates: reader.duplicates,
    locate: (path) => placeOf(text, offsetOf(value, path, reader)),
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const good = new TextDecoder('utf-8').decode(bytes).indexOf('\ufffd');
    const before = new TextDecoder('utf-8').decode(bytes).slice(0, good);
    throw new JsoncError('not UTF-8', placeOf(before, before.length));
  }
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

function offsetOf(root: unknown, path: JsonPath, reader: JsoncReader): number {
  let value = root;
  let offset = reader.start;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) break;
    const found = reader.offsets.get(value)?.get(String(step));
    if (found === undefined) break;
    offset = found;
    value = (value as Record<string | number, unknown>)[step];
  }
  return offset;
}
