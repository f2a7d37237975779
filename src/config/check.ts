import { readFileSync, statSync } from 'node:fs';
import { checkDocument } from './document.ts';
import { WeirError } from './errors.ts';
import { MAX_JSON_BYTES } from './jsonc.ts';
import type { Problem } from './problems.ts';

/**
 * Every problem of a configuration file, in its order; empty when there is none. It can be used
 * unless one of them is an error. Packs and queries inside are checked by detect.
 *
 * @throws WeirError CONFIG_UNREADABLE (78) when the file cannot be read.
 */
export function checkConfigFile(file: string): readonly Problem[] {
  return checkDocument(readConfigFile(file)).problems;
}

/** @throws WeirError CONFIG_UNREADABLE (78) */
export function readConfigFile(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MAX_JSON_BYTES) throw new Error(`larger than 4 MiB (${size} bytes)`);
    return readFileSync(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WeirError('CONFIG_UNREADABLE', `cannot read the configuration ${file}: ${why}`, {
      exitCode: 78,
      cause,
    });
  }
}
