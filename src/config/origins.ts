import type { CheckedLayer } from './document.ts';
import { valueAt } from './key-path.ts';
import { isFields } from './layers.ts';
import { leavesOf } from './leaves.ts';
import type { LoadedConfig } from './load.ts';

/** A setting in force, and who says so. */
export interface Origin {
  readonly key: string;
  readonly value: unknown;
  /** FILE:LINE (of a list: each that adds to it), a variable, a flag, or `default`. */
  readonly from: readonly string[];
  /** managed.json says it: nothing else can change it. */
  readonly managed: boolean;
  /** What else sets it, without effect. */
  readonly overrides: readonly string[];
}

/** Every setting of a configuration with its origin. */
export function originsOf({ config, layers, given }: LoadedConfig): readonly Origin[] {
  return leavesOf(config).map(({ path, key, value }): Origin => {
    const saying = layers.filter(({ fields }) => valueAt(fields, path) !== undefined);
    const places = saying.map((layer) => placeIn(layer, path));
    const top = saying.at(-1);
    const managed = top?.managed === true;
    const variable = given.get(key);
    if (variable !== undefined) {
      return { key, value, from: [variable], managed: false, overrides: places };
    }
    if (top === undefined) return { key, value, from: ['default'], managed, overrides: [] };
    const first = firstThatCounts(saying, value);
    return { key, value, from: places.slice(first), managed, overrides: places.slice(0, first) };
  });
}

/** Lists add up from the last one that replaces what is below it; anything else is the top's. */
function firstThatCounts(saying: readonly CheckedLayer[], value: unknown): number {
  if (!Array.isArray(value)) return saying.length - 1;
  const replacing = saying.findLastIndex(({ replacesLists }) => replacesLists);
  return Math.max(0, replacing);
}

function placeIn(
  { file, document, managed }: CheckedLayer,
  path: readonly (string | number)[],
): string {
  const name = file ?? 'the document';
  const mark = managed ? ' (managed)' : '';
  if (document === undefined) return `${name}${mark}`;
  // osquery's options were moved to where weir has them; they stand elsewhere in the file.
  const moved = valueAt(document.value, path) === undefined && isFields(document.value);
  const { line } = document.locate(moved ? ['options'] : path);
  return `${name}:${line}${mark}`;
}
