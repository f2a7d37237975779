/** All tables that TypeScript makes: weir's, those of a user's files, and those of other databases. */
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { forPlatform } from '../config/platform.ts';
import type { Config } from '../config/schema.ts';
import { entryOf, type TableEntry } from './bridge/entry.ts';
import type { StateTable } from './bridge/table.ts';
import { type Construction, constructedTable } from './constructed/table.ts';
import { stateTables } from './state/index.ts';
import { isTaken } from './taken.ts';
import { loadUserTables } from './user/load.ts';

const DIRECTORY = 'weir.tables.directory';
const CONSTRUCTIONS = 'weir.tables.constructions';

/** Sets which tables there are, for this thread and all threads that it starts from now on. */
export function useTables(config: Pick<Config, 'tables' | 'auto_table_construction'>): void {
  const constructions = Object.entries(config.auto_table_construction)
    .filter(([, { platform }]) => forPlatform(platform))
    .map(([name, { path, query, columns }]): Construction => ({ name, path, query, columns }));
  setEnvironmentData(DIRECTORY, config.tables.directory);
  setEnvironmentData(CONSTRUCTIONS, constructions);
}

export interface AllTables {
  readonly tables: readonly TableEntry[];
  /** Of those that are left out, why. */
  readonly problems: readonly string[];
}

export function allTables(): AllTables {
  const directory = getEnvironmentData(DIRECTORY) as string | undefined;
  const { tables: own, problems } =
    directory === undefined ? { tables: [], problems: [] } : loadUserTables(directory);
  const constructed = constructedTables(new Set(own.map(({ name }) => name.toLowerCase())));
  return {
    tables: [...stateTables(), ...[...own, ...constructed.tables].map(entryOf)],
    problems: [...problems, ...constructed.problems],
  };
}

function constructedTables(taken: ReadonlySet<string>): {
  readonly tables: readonly StateTable[];
  readonly problems: readonly string[];
} {
  const said = (getEnvironmentData(CONSTRUCTIONS) ?? []) as readonly Construction[];
  const names = said.map(({ name }) => name.toLowerCase());
  const free = said.filter((_, i) => {
    const name = names[i] as string;
    return !isTaken(name) && !taken.has(name) && names.indexOf(name) === i;
  });
  return {
    tables: free.map(constructedTable),
    problems: said
      .filter((each) => !free.includes(each))
      .map(({ name }) => `auto_table_construction: there is a table ${name} already`),
  };
}
