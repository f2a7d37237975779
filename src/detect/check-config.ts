import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { useTables } from '../tables/all.ts';
import { loadSchedule, type Schedule } from './schedule.ts';
import { openSqlChecker } from './sql-check.ts';

/**
 * Every problem of the queries that a configuration file names, in its schedule, in its packs, and
 * in the pack files that it points to, as this host would load them.
 *
 * @param file a configuration without errors of its own
 * @throws WeirError SQL_EXTENSION when weir's tables cannot be loaded.
 */
export function checkConfiguredQueries(file: string): Schedule['problems'] {
  const { config } = loadConfig({ file, environment: {} });
  useTables(config);
  const checker = openSqlChecker();
  try {
    return loadSchedule({
      config,
      folder: dirname(resolve(file)),
      hostname: hostname(),
      check: checker.check,
      regex: checker.regex,
    }).problems;
  } finally {
    checker.close();
  }
}
