import type { Knex } from 'knex';
import type { Pruned, PruneOptions } from './store.ts';

interface Candidate {
  readonly id: string | number;
  readonly row_count: number;
  readonly unix_time: string | number;
}

/** Runs looked at by one call; the next call goes on. Bounds the transaction. */
const MOST_RUNS = 5000;

/** Deletes the oldest runs with their rows (detections stay) and counts what no sink got. */
export async function pruneRuns(
  trx: Knex.Transaction,
  host: string,
  options: PruneOptions,
): Promise<Pruned> {
  await trx('suppressions').where({ host }).where('until', '<', options.before).delete();
  const sums = await trx('runs')
    .where({ host })
    .sum<{ rows: string | number | null }[]>('row_count as rows');
  let kept = Number(sums[0]?.rows ?? 0);
  const oldest = await trx('runs')
    .where({ host })
    .orderBy('id')
    .limit(MOST_RUNS)
    .select<Candidate[]>('id', 'row_count', 'unix_time');
  let rows = 0;
  let last = 0;
  for (const run of oldest) {
    if (Number(run.unix_time) >= options.before && kept <= options.maxRows) break;
    kept -= run.row_count;
    rows += run.row_count;
    last = Number(run.id);
  }
  if (last === 0) return { rows: 0, undelivered: new Map() };
  const undelivered = await countUndelivered(trx, host, last);
  const leaving = trx('runs').where({ host }).where('id', '<=', last);
  await trx('results').whereIn('run_id', leaving.clone().select('id')).delete();
  await leaving.delete();
  return { rows, undelivered };
}

async function countUndelivered(
  trx: Knex.Transaction,
  host: string,
  last: number,
): Promise<Map<string, number>> {
  const behind = await trx('sink_positions')
    .where({ host })
    .where('run_id', '<=', last)
    .select<{ sink: string; run_id: string | number; idx: number }[]>('sink', 'run_id', 'idx');
  const counts = new Map<string, number>();
  for (const { sink, run_id, idx } of behind) {
    const sums = await trx('runs')
      .where({ host })
      .whereBetween('id', [Number(run_id), last])
      .sum<{ rows: string | number | null }[]>('row_count as rows');
    const atPosition = await trx('runs')
      .where({ host, id: Number(run_id) })
      .first('id');
    const rows = Number(sums[0]?.rows ?? 0) - (atPosition === undefined ? 0 : idx);
    if (rows > 0) counts.set(sink, rows);
  }
  return counts;
}
