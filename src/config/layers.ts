import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unreadable } from './unreadable.ts';

type Value = unknown;
type Fields = Readonly<Record<string, Value>>;

export const DEFAULT_CONFIG_FILE = '/etc/weir/weir.json';
/** What `weir config set` writes, in the folder of layers above the file. */
export const LOCAL_LAYER = '90-local.json';
/** What an administrator's tool writes, beside the file: nothing overrides it. */
export const MANAGED_LAYER = 'managed.json';

/** One of the files that make up a configuration. */
export interface LayerFile {
  readonly file: string;
  /** Its lists take the place of those below instead of adding to them. */
  readonly replacesLists: boolean;
  readonly managed: boolean;
}

/** The folder whose files are laid over FILE: weir.d for weir.json. */
export function upperFolder(file: string): string {
  return `${file.replace(/\.(?:json|conf)$/, '')}.d`;
}

/**
 * The files that make up a configuration, in the order in which they are laid over each other, the
 * last on top: those of FILE.d (osquery's place for what packages bring), FILE itself, those of the
 * folder of the same name without its ending (weir.d), and managed.json beside it. Of folders only
 * names that end in .conf or .json count, in the order of the alphabet.
 *
 * @param fileMayMiss FILE is left out when there is none; otherwise reading it is to fail
 * @param planned files that are to be thought of as there
 * @throws WeirError CONFIG_UNREADABLE (78, 77 where a folder may not be read)
 */
export function layerFiles(
  file: string,
  fileMayMiss = false,
  planned: readonly string[] = [],
): readonly LayerFile[] {
  const plain = (path: string): LayerFile => ({
    file: path,
    replacesLists: basename(path) === LOCAL_LAYER,
    managed: false,
  });
  const there = (path: string): boolean => planned.includes(path) || existsSync(path);
  const filesOf = (folder: string): readonly string[] => {
    const own = planned.filter((path) => dirname(path) === folder);
    return [...new Set([...filesIn(folder), ...own])].sort();
  };
  const upper = upperFolder(file);
  const lower = `${file}.d`;
  const managed = join(dirname(file), MANAGED_LAYER);
  return [
    ...filesOf(lower).map(plain),
    ...(fileMayMiss && !there(file) ? [] : [plain(file)]),
    ...(upper === lower ? [] : filesOf(upper).map(plain)),
    ...(managed !== file && there(managed)
      ? [{ file: managed, replacesLists: true, managed: true }]
      : []),
  ];
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
  const layers = names.filter((name) => /^[^.].*\.(?:conf|json)$/.test(name));
  return layers.map((name) => join(folder, name));
}

/**
 * Objects are merged key by key, lists appended unless the upper one is to replace; of anything
 * else the upper one stays.
 */
export function mergeLayers(lower: Value, upper: Value, replacesLists = false): Value {
  if (Array.isArray(lower) && Array.isArray(upper)) {
    return replacesLists ? upper : [...lower, ...upper];
  }
  if (!isFields(lower) || !isFields(upper)) return upper;
  const merged: Record<string, Value> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    merged[key] = Object.hasOwn(lower, key) ? mergeLayers(lower[key], value, replacesLists) : value;
  }
  return merged;
}

export function isFields(value: Value): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
