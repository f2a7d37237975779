import { WeirError } from './errors.ts';

/** Keys and indexes that lead to a value of a document. */
export type JsonPath = readonly (string | number)[];

const STEP = /(?:^|(?<=.)\.)([\w-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * A key as `weir config` and messages write it: store.max_age, exclude[0].path,
 * schedule["my query"].interval. The inverse of pathText.
 *
 * @throws WeirError USAGE (64)
 */
export function parseKey(text: string): JsonPath {
  const path: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const [whole, word, index, quoted] = STEP.exec(text) ?? [];
    if (whole === undefined) break;
    if (word !== undefined) path.push(word);
    else if (index !== undefined) path.push(Number(index));
    else path.push(unquoted(quoted ?? '""', text));
    at += whole.length;
  }
  if (at < text.length || path.length === 0) throw noKey(text);
  return path;
}

function unquoted(quoted: string, text: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw noKey(text);
  }
}

function noKey(text: string): WeirError {
  const message = `${JSON.stringify(text)} is no key; write them as store.max_age or schedule["my query"].interval`;
  return new WeirError('USAGE', message, { exitCode: 64 });
}

/** What a document holds at a path; undefined when there is nothing. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
