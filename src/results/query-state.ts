import type { Session } from './session.ts';
import type { QueryState } from './types.ts';

interface StateRow {
  readonly name: string;
  readonly sql_hash: string;
  readonly epoch: string | number;
  readonly counter: string | number;
  readonly cursor: string | null;
  readonly ran_at: string | number;
}

/** States of those of the queries that have one. At most as many names as a statement may have. */
export async function readStates(
  session: Session,
  host: string,
  names: readonly string[],
): Promise<Map<string, QueryState>> {
  const rows = await session.rows<StateRow>(
    `SELECT name, sql_hash, epoch, counter, cursor, ran_at FROM query_state
     WHERE host = ? AND name IN (${names.map(() => '?').join(', ')})`,
    host,
    ...names,
  );
  return new Map(rows.map((row) => [row.name, stateOf(row)]));
}

function stateOf(row: StateRow): QueryState {
  return {
    sqlHash: row.sql_hash,
    epoch: Number(row.epoch),
    counter: Number(row.counter),
    cursor: row.cursor === null ? null : BigInt(row.cursor),
    ranAt: Number(row.ran_at),
  };
}
