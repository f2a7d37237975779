import { readFile } from 'node:fs/promises';
import { WeirError } from '../config/errors.ts';
import { splitStatements } from '../sql/statements.ts';
import { type Invocation, isSet, text } from './command.ts';
import { MODES, type Mode, PLAIN_STYLE, type Style } from './output/formatter.ts';

/** @throws WeirError USAGE when more than one format is asked for */
export function modeOf(invocation: Invocation): Mode {
  const asked = MODES.filter((mode) => isSet(invocation, mode));
  if (asked.length > 1) {
    const names = asked.map((mode) => `--${mode}`).join(' and ');
    throw new WeirError('USAGE', `${names} exclude each other`, { exitCode: 64 });
  }
  return asked[0] ?? 'table';
}

export function styleOf(invocation: Invocation): Style {
  return {
    header: invocation.flags.header !== false,
    separator: text(invocation, 'separator'),
    nullValue: text(invocation, 'nullvalue') ?? '',
    widths: PLAIN_STYLE.widths,
  };
}

/** All of a table. The name may be any text: SQLite says when there is no such table. */
export function allOf(table: string): string {
  return `SELECT * FROM "${table.replaceAll('"', '""')}"`;
}

/** A statement to run; those of packs have names. */
export interface Asked {
  readonly name?: string;
  readonly sql: string;
}

/** One after the other, the last with or without its semicolon. */
export function statementsIn(sql: string): readonly Asked[] {
  const { statements } = splitStatements(`${sql}\n;`);
  // What holds none is for SQLite to judge.
  return statements.length === 0 ? [{ sql }] : statements.map((one) => ({ sql: one }));
}

async function contents(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = (cause as Error).message;
    throw new WeirError('USAGE', `cannot read ${file}: ${why}`, { exitCode: 64, cause });
  }
}

/**
 * What the arguments ask in place of a session: SQL (also --query, --query-file), a table (-A), a
 * pack (--pack). Undefined when there is none of them.
 *
 * @throws WeirError USAGE when there are several, PACK_UNKNOWN, PACK_UNREADABLE
 */
export async function statementsAsked(
  invocation: Invocation,
): Promise<readonly Asked[] | undefined> {
  const [sql] = invocation.args;
  const [query, file, table, pack] = ['query', 'query-file', 'all', 'pack'].map((flag) =>
    text(invocation, flag),
  );
  if ([sql, query, file, table, pack].filter((one) => one !== undefined).length > 1) {
    const message = 'SQL, --query, --query-file, --all and --pack exclude each other';
    throw new WeirError('USAGE', message, { exitCode: 64 });
  }
  if (table !== undefined) return [{ sql: allOf(table) }];
  if (pack !== undefined) {
    const { queriesOfPack } = await import('./pack-queries.ts');
    return queriesOfPack(invocation, pack);
  }
  const given = file === undefined ? (sql ?? query) : await contents(file);
  return given === undefined ? undefined : statementsIn(given);
}
