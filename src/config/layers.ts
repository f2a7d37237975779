import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

type Value = unknown;
type Fields = Readonly<Record<string, Value>>;

/**
 * The files that make up a configuration, in the order in which they are laid over each other:
 * those of the folder `FILE.d` that end in .conf or .json, sorted, then the file itself, as osquery
 * does. What comes later wins.
 */
export function layerFiles(file: string): readonly string[] {
  const folder = `${file}.d`;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const layers = names.filter((name) => /^[^.].*\.(?:conf|json)$/.test(name)).sort();
  return [...layers.map((name) => join(folder, name)), file];
}

/** Objects are merged key by key, lists appended; of anything else the later one stays. */
export function mergeLayers(lower: Value, upper: Value): Value {
  if (Array.isArray(lower) && Array.isArray(upper)) return [...lower, ...upper];
  if (!isFields(lower) || !isFields(upper)) return upper;
  const merged: Record<string, Value> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    merged[key] = Object.hasOwn(lower, key) ? mergeLayers(lower[key], value) : value;
  }
  return merged;
}

function isFields(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
