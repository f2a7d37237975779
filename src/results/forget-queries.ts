import type { Knex } from 'knex';

/** Names per statement: below the databases' limits on parameters. */
const CHUNK = 500;

/** Deletes what is kept of queries that nobody runs any more; results and detections stay. */
export async function forgetQueries(
  trx: Knex.Transaction,
  host: string,
  keep: readonly string[],
  before: number,
): Promise<number> {
  const old = await trx('query_state')
    .where({ host })
    .where('ran_at', '<', before)
    .select<{ name: string }[]>('name');
  const kept = new Set(keep);
  const names = old.map(({ name }) => name).filter((name) => !kept.has(name));
  for (let i = 0; i < names.length; i += CHUNK) {
    const some = names.slice(i, i + CHUNK);
    for (const table of ['query_state', 'previous_rows', 'intervals', 'denied_queries']) {
      await trx(table).where({ host }).whereIn('name', some).delete();
    }
  }
  return names.length;
}
