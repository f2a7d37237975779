import type { Knex } from 'knex';
import type { QueryState } from './types.ts';

interface StateRow {
  readonly sql_hash: string;
  readonly epoch: string | number;
  readonly counter: string | number;
  readonly cursor: string | null;
  readonly ran_at: string | number;
}

export async function readState(db: Knex, host: string, name: string): Promise<QueryState | null> {
  const row = await db('query_state').where({ host, name }).first<StateRow | undefined>();
  if (row === undefined) return null;
  return {
    sqlHash: row.sql_hash,
    epoch: Number(row.epoch),
    counter: Number(row.counter),
    cursor: row.cursor === null ? null : BigInt(row.cursor),
    ranAt: Number(row.ran_at),
  };
}
