import { relative } from 'node:path';
import Database from 'better-sqlite3';
import { WeirError } from '../config/errors.ts';
import { native } from '../native/addon.ts';
import { loadExtension } from '../sql/load-extension.ts';
import { attachTables } from '../tables/bridge/attach.ts';
import { entryOf } from '../tables/bridge/entry.ts';
import type { StateTable } from '../tables/bridge/table.ts';
import { stateTables } from '../tables/state/index.ts';
import { checkedTable } from '../tables/user/checked.ts';
import { loadTableFile } from '../tables/user/load.ts';
import { fileToCheck } from './check-file.ts';
import type { Run } from './command.ts';
import { counted } from './output/counted.ts';
import { safeText } from './output/safe-text.ts';

const say = (line: string): void => void process.stdout.write(`${safeText(line)}\n`);

/** Statements that show whether the table works: all of it, where it can be had, and its examples. */
function statements(table: StateTable): string[] {
  const names = Object.keys(table.columns).map((name) => `"${name}"`);
  const required = Object.values(table.columns).some((column) => column.required);
  const all = `SELECT ${names.join(', ')} FROM ${table.name}`;
  return required ? [...table.examples] : [all, ...table.examples];
}

/** Rows of a statement. @throws Error with the statement, which may be one of many */
function count(db: Database.Database, sql: string): number {
  let rows = 0;
  try {
    for (const _ of db.prepare(sql).raw().safeIntegers().iterate()) rows++;
  } catch (cause) {
    throw new Error(`${(cause as Error).message}, in: ${sql}`, { cause });
  }
  return rows;
}

/** `weir table check FILE`: loads the file as the daemon would, and runs its tables here. */
export const run: Run = async (invocation) => {
  const file = fileToCheck(invocation);
  const tables = loadTableFile(file);
  const db = new Database(':memory:');
  try {
    loadExtension(db);
    const odd: string[] = [];
    const warnings = attachTables(native.connections.last(), [
      ...stateTables(),
      ...tables.map((table) => entryOf(checkedTable(table, (problem) => odd.push(problem)))),
    ]);
    for (const table of tables) {
      say(
        `${relative('', file)}: table ${table.name}, ${Object.keys(table.columns).length} columns`,
      );
      for (const sql of statements(table)) {
        const started = performance.now();
        try {
          const rows = count(db, sql);
          say(
            `  ${counted(rows, 'row')} in ${(performance.now() - started).toFixed(1)} ms: ${sql}`,
          );
        } finally {
          for (const each of [...warnings.take(), ...odd.splice(0)]) say(`  warning: ${each}`);
        }
      }
    }
  } catch (cause) {
    const message = `${file}: ${(cause as Error).message}`;
    throw new WeirError('TABLE_INVALID', message, { exitCode: 78, cause });
  } finally {
    db.close();
  }
  return 0;
};
