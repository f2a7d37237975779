import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { mergedDocument } from '../config/merged-document.ts';
import { allTables, useTables } from '../tables/all.ts';
import { loadSchedule, type Schedule } from './schedule.ts';
import { openSqlChecker } from './sql-check.ts';

/**
 * Every problem of the tables that a configuration file adds, and of the queries that it names, in
 * its schedule, in its packs, and in the pack files that it points to, as this host would load them.
 *
 * @param file a configuration without errors of its own
 * @throws WeirError SQL_EXTENSION when weir's tables cannot be loaded.
 */
export function checkConfiguredQueries(file: string): Schedule['problems'] {
  const { config, layers } = loadConfig({ file, environment: {} });
  useTables(config);
  const checker = openSqlChecker();
  try {
    const left = allTables().problems.map((text) => ({ severity: 'warning', text }) as const);
    const { problems } = loadSchedule({
      config,
      folder: dirname(resolve(file)),
      hostname: hostname(),
      check: checker.check,
      regex: checker.regex,
      locate: (path) => mergedDocument(layers, config).locate(path),
    });
    return [...left, ...problems];
  } finally {
    checker.close();
  }
}
