import { hostname } from 'node:os';
import type { Problem } from '../config/problems.ts';
import { loadPackFile } from './pack.ts';
import { openSqlChecker } from './sql-check.ts';

/**
 * Every problem of a pack file: its JSON, its keys and values with what is allowed, and its SQL,
 * which is prepared against weir's tables. Empty when there is none; it can be used unless one is
 * an error. Queries for other platforms are checked for their keys only.
 *
 * @throws WeirError SQL_EXTENSION when weir's tables cannot be loaded.
 */
export function checkPack(file: string): readonly Problem[] {
  const checker = openSqlChecker();
  try {
    return loadPackFile(file, {
      hostname: hostname(),
      delimiter: '_',
      defaultInterval: 3600,
      check: checker.check,
    }).problems;
  } finally {
    checker.close();
  }
}
