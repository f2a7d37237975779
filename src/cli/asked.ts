import { WeirError } from '../config/errors.ts';
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

/**
 * What the arguments ask in place of a session: SQL, a table (-A), a pack (--pack). Undefined when
 * there is none of them.
 *
 * @throws WeirError USAGE when there are several, PACK_UNKNOWN, PACK_UNREADABLE
 */
export async function statementsAsked(
  invocation: Invocation,
): Promise<readonly Asked[] | undefined> {
  const [sql] = invocation.args;
  const table = text(invocation, 'all');
  const pack = text(invocation, 'pack');
  if ([sql, table, pack].filter((one) => one !== undefined).length > 1) {
    const message = 'SQL, --all and --pack exclude each other';
    throw new WeirError('USAGE', message, { exitCode: 64 });
  }
  if (table !== undefined) return [{ sql: allOf(table) }];
  if (pack !== undefined) {
    const { queriesOfPack } = await import('./pack-queries.ts');
    return queriesOfPack(invocation, pack);
  }
  return sql === undefined ? undefined : [{ sql }];
}
