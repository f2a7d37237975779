/**
 * Tables of the host's state. Each file below this folder that exports one is found by the build,
 * which writes what SQLite has to know of them (build/generated/state-tables.json): a thread loads
 * the code of the tables that its queries read, and of no others.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import type { NativeTable } from '../../native/tables.ts';
import { declare } from '../bridge/declare.ts';
import type { TableEntry } from '../bridge/entry.ts';
import type { StateTable } from '../bridge/table.ts';

/** A table of the build's list. */
export interface ListedTable {
  readonly file: string; // below this folder
  readonly name: string; // what the file exports it as
  readonly declared: NativeTable;
}

export const TABLE_LIST = new URL('../../../build/generated/state-tables.json', import.meta.url);
/** Ends in a slash. */
export const STATE_FOLDER = new URL('./', import.meta.url);

const require = createRequire(import.meta.url);

function load({ file, name, declared }: ListedTable): StateTable {
  const exported = require(new URL(file, STATE_FOLDER).pathname) as Record<string, unknown>;
  const table = exported[name] as StateTable | undefined;
  if (table === undefined || !isDeepStrictEqual(declare(table), declared)) {
    throw new Error(`${file} has changed since the build: run \`npm run build\``);
  }
  return table;
}

function entryOf(listed: ListedTable): TableEntry {
  let table: StateTable | undefined;
  return {
    declared: listed.declared,
    load() {
      table ??= load(listed);
      return table;
    },
  };
}

let entries: readonly TableEntry[] | undefined;

/** All of them, by name. */
export function stateTables(): readonly TableEntry[] {
  entries ??= (JSON.parse(readFileSync(TABLE_LIST, 'utf8')) as ListedTable[]).map(entryOf);
  return entries;
}
