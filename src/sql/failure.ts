import type Database from 'better-sqlite3';
import { suggest } from '../config/suggest.ts';
import { native } from '../native/addon.ts';
import { LEFT_OUT } from '../tables/left-out.ts';
import { argumentCounts, columnNames, functionNames, tableNames } from './catalog.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Every word of the statement; a superset of the tables it names. */
function words(sql: string): Set<string> {
  return new Set(sql.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
}

/** Most names that are offered at once. */
const OFFERED = 3;

/** The nearest name, or those that begin or end with the asked one: username for name. */
function meantBy(asked: string, known: ReadonlySet<string>): string | undefined {
  const near = suggest(asked, known);
  if (near !== undefined) return near;
  const part = asked.toLowerCase();
  const longer = [...known].filter((name) => name.startsWith(part) || name.endsWith(part));
  return longer.length === 0 ? undefined : longer.slice(0, OFFERED).join(' or ');
}

function suggestion(db: Database.Database, sql: string, message: string): string | undefined {
  const match = /no such (table|column|function|table-valued function): (?:\w+\.)?(\S+)/.exec(
    message,
  );
  if (match === null) return undefined;
  const [, kind, name = ''] = match;
  if (kind === 'function') return suggest(name, functionNames(db));
  const tables = tableNames(db);
  if (kind !== 'column') return suggest(name, tables);
  const mentioned = words(sql);
  const columns = tables.filter((t) => mentioned.has(t)).flatMap((t) => columnNames(db, t));
  return meantBy(name, new Set(columns));
}

/** How many arguments the function takes, of one that was called with too few or too many. */
function argumentsOf(db: Database.Database, message: string): string | undefined {
  const name = /wrong number of arguments to function (\w+)\(/.exec(message)?.[1];
  if (name === undefined) return undefined;
  const counts = argumentCounts(db, name.toLowerCase());
  return counts.length === 0 ? undefined : `it takes ${counts.join(' or ')}`;
}

/** Why weir has no such table, when osquery has it. */
function leftOut(message: string): string | undefined {
  const name = /no such table: (?:\w+\.)?(\w+)/.exec(message)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  return LEFT_OUT.find(({ tables }) => tables.includes(name))?.reason.replaceAll('`', '');
}

/**
 * Says in one line why a query ended: stopped by its owner, too late, or SQLite's own words with
 * what was probably meant. On the thread that ran the query.
 */
export function explainFailure(
  db: Database.Database,
  query: { readonly sql: string; readonly timeoutMs: number },
  error: unknown,
  state: { readonly stopped: boolean; readonly late: boolean },
): Failure {
  const refused = native.connections.temporaryFilesRefused(); // asked once for each query
  if (state.stopped) return { code: 'SQL_CANCELLED', message: 'the query was cancelled' };
  if (state.late) {
    return { code: 'SQL_TIMEOUT', message: `the query ran longer than ${query.timeoutMs} ms` };
  }
  if (refused !== null) {
    const limit = `${Math.round(refused / 1024 ** 2)} MiB`;
    return {
      code: 'SQL_TEMPORARY_FILES',
      message: `to sort or group so much takes more than the ${limit} of temporary files that all queries may have: ask for less, such as a shorter time or fewer columns, or raise query.max_temporary_bytes`,
    };
  }
  const message = oneLine(error instanceof Error ? error.message : String(error));
  if (message === 'not authorized') {
    return { code: 'SQL_ERROR', message: 'not authorized: queries only read' };
  }
  const reason = leftOut(message);
  if (reason !== undefined) {
    return { code: 'SQL_ERROR', message: `${message}; weir leaves it out: ${reason}` };
  }
  try {
    const meant = suggestion(db, query.sql, message);
    const hint = meant === undefined ? argumentsOf(db, message) : `did you mean ${meant}?`;
    if (hint !== undefined) return { code: 'SQL_ERROR', message: `${message}; ${hint}` };
  } catch {
    // The catalogue is only a courtesy; SQLite's message stands alone.
  }
  return { code: 'SQL_ERROR', message };
}
