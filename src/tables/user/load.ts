/** Tables of a user: TypeScript or JavaScript files in a folder of the configuration. */
import { readdirSync, realpathSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../../config/errors.ts';
import type { StateTable } from '../bridge/table.ts';
import { isTaken } from '../taken.ts';
import { looksLikeTable, tableProblems } from './check-table.ts';
import { placeOf } from './checked.ts';
import { assertTrusted } from './trust.ts';

const SPECIFIER = 'weir/table';
const API = new URL('./api.ts', import.meta.url).href;
const OWN_ROOT = new URL('../../../', import.meta.url).href;
const IS_TABLE_FILE = /\.(?:ts|mts|js|mjs)$/;

const require = createRequire(import.meta.url);

/**
 * Files outside weir are loaded only when nobody else can change them, whoever imports them; they
 * are modules whatever their ending, since there is no package.json beside them.
 */
function registerOnce(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === SPECIFIER
        ? { url: API, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
    load(url, context, next) {
      if (!url.startsWith('file:') || url.startsWith(OWN_ROOT)) return next(url, context);
      assertTrusted(fileURLToPath(url));
      const format = /\.m?ts$/.test(url) ? 'module-typescript' : 'module';
      return next(url, { ...context, format });
    },
  });
}
let registered = false;

function invalid(file: string, problems: readonly string[]): WeirError {
  return new WeirError('TABLE_INVALID', problems.map((each) => `${file}: ${each}`).join('\n'), {
    exitCode: 78,
  });
}

/**
 * The tables that a file exports, checked.
 *
 * @throws WeirError TABLE_UNTRUSTED, TABLE_INVALID
 */
export function loadTableFile(file: string): StateTable[] {
  registerOnce();
  let exported: Record<string, unknown>;
  try {
    const path = realpathSync(file);
    assertTrusted(path);
    exported = require(path) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof WeirError) throw cause;
    const place = placeOf(cause) ?? file;
    throw new WeirError('TABLE_INVALID', `${place}: ${(cause as Error).message}`, {
      exitCode: 78,
      cause,
    });
  }
  const tables = [...new Set(Object.values(exported).filter(looksLikeTable))];
  if (tables.length === 0)
    throw invalid(file, ['it exports no table: export what defineTable gives']);
  const problems = tables.flatMap((table) => [...tableProblems(table)]);
  if (problems.length > 0) throw invalid(file, problems);
  const twice = (tables as StateTable[]).filter(({ name }) => isTaken(name.toLowerCase()));
  if (twice.length > 0)
    throw invalid(
      file,
      twice.map(({ name }) => `weir has a table ${name}`),
    );
  return tables as StateTable[];
}

export interface UserTables {
  readonly tables: readonly StateTable[];
  /** Of files that are left out, why. */
  readonly problems: readonly string[];
}

const loaded = new Map<string, UserTables>();

/**
 * Tables of all files in the folder, in order of their names; loaded once per thread. A file that
 * is wrong is left out and does not keep the others from being used.
 */
export function loadUserTables(directory: string): UserTables {
  let known = loaded.get(directory);
  if (known === undefined) {
    known = loadFolder(directory);
    loaded.set(directory, known);
  }
  return known;
}

function loadFolder(directory: string): UserTables {
  const tables: StateTable[] = [];
  const problems: string[] = [];
  let names: string[];
  try {
    names = readdirSync(directory)
      .filter((name) => IS_TABLE_FILE.test(name))
      .sort();
  } catch (error) {
    return { tables, problems: [`tables.directory: ${(error as Error).message}`] };
  }
  for (const name of names) {
    try {
      for (const table of loadTableFile(join(directory, name))) {
        const known = tables.some((other) => other.name === table.name);
        if (known) problems.push(`${join(directory, name)}: another file has table ${table.name}`);
        else tables.push(table);
      }
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { tables, problems };
}
