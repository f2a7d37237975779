/** JSON files of others: their contents may be anything. */
import type { Host, HostPath, ReadOptions } from './host.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object of a text; undefined when it has another JSON value or is no JSON. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    // A byte order mark is what Windows editors leave in such files.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function jsonObject(
  host: Host,
  path: HostPath,
  options?: ReadOptions,
): JsonObject | undefined {
  return parseObject(host.text(path, options));
}

/** What is reached by keys one below the other; undefined where there is none. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** Text as it is, numbers and truth values as text; '' for anything else. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The entries of an array; none of anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
