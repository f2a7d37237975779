/** Finds the tables of the host's state in their sources: for the build, the documents and tests. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { declare } from './bridge/declare.ts';
import type { StateTable } from './bridge/table.ts';
import { type ListedTable, STATE_FOLDER } from './state/index.ts';
import { looksLikeTable, tableProblems } from './user/check-table.ts';

const require = createRequire(import.meta.url);

interface Found {
  readonly file: string;
  readonly name: string;
  readonly table: StateTable;
}

function* tablesOf(file: string): Iterable<Found> {
  const exported = require(new URL(file, STATE_FOLDER).pathname) as Record<string, unknown>;
  for (const [name, value] of Object.entries(exported)) {
    if (!looksLikeTable(value)) continue;
    const problems = [...tableProblems(value)];
    if (problems.length > 0) throw new Error(`${file}: ${name}: ${problems.join('; ')}`);
    yield { file, name, table: value as StateTable };
  }
}

/** Threads' scripts, *-worker.ts, run when they are loaded; index.ts is the list. */
const NO_TABLE = /(?:^index|-worker)\.ts$/;

/** @throws Error when one is wrong, or two have the same name */
function find(): Found[] {
  const files = readdirSync(STATE_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !NO_TABLE.test(file))
    .sort();
  const byName = new Map<string, Found>();
  for (const found of files.flatMap((file) => [...tablesOf(file)])) {
    for (const name of [found.table.name, ...(found.table.aliases ?? [])]) {
      const other = byName.get(name);
      if (other?.table === found.table) throw new Error(`${name}: export it from one file only`);
      if (other !== undefined) throw new Error(`${found.file}: ${other.file} has a table ${name}`);
      byName.set(name, found);
    }
  }
  return [...new Set(byName.values())].sort((a, b) => (a.table.name < b.table.name ? -1 : 1));
}

/**
 * Every table of the host's state, by name, with its code.
 *
 * @param area only those in this folder below src/tables/state
 */
export function findStateTables(area?: string): StateTable[] {
  return find()
    .filter(({ file }) => area === undefined || file.startsWith(`${area}/`))
    .map(({ table }) => table);
}

/** What the build writes for `stateTables`. */
export function listStateTables(): ListedTable[] {
  return find().map(({ file, name, table }) => ({ file, name, declared: declare(table) }));
}
