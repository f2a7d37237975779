import { readFileSync, statSync } from 'node:fs';
import { type CheckedDocument, checkDocument, checkLayers } from './document.ts';
import { MAX_JSON_BYTES } from './jsonc.ts';
import { layerFiles } from './layers.ts';
import type { Problem } from './problems.ts';
import { unreadable } from './unreadable.ts';

/**
 * Every problem of a configuration file, in its order; empty when there is none. It can be used
 * unless one of them is an error. Packs and queries inside are checked by detect.
 *
 * @throws WeirError CONFIG_UNREADABLE (78, 77 where it may not be read)
 */
export function checkConfigFile(file: string, fileMayMiss = false): readonly Problem[] {
  return checkFiles(file, fileMayMiss).problems;
}

/**
 * The configuration of a file and of the files that are laid below and above it.
 *
 * @param fileMayMiss the file itself need not exist
 * @param instead texts in place of what files hold: to check a change before it is written
 * @throws WeirError CONFIG_UNREADABLE (78, 77 where one may not be read)
 */
export function checkFiles(
  file: string,
  fileMayMiss = false,
  instead: ReadonlyMap<string, string> = new Map(),
): CheckedDocument {
  const files = layerFiles(file, fileMayMiss, [...instead.keys()]);
  const textOf = (path: string): string | Uint8Array => instead.get(path) ?? readConfigFile(path);
  const [only] = files;
  if (files.length === 1 && only?.file === file) {
    const alone = checkDocument(textOf(file));
    return { ...alone, layers: alone.layers.map((layer) => ({ ...layer, file })) };
  }
  return checkLayers(files.map((layer) => ({ ...layer, text: textOf(layer.file) })));
}

/** @throws WeirError CONFIG_UNREADABLE */
export function readConfigFile(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MAX_JSON_BYTES) throw new Error(`larger than 4 MiB (${size} bytes)`);
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
