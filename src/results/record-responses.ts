import type { Knex } from 'knex';
import type { ResponseRecord } from './types.ts';

const KEPT = 100_000;
/** Rows of one insert: SQLite knows a limit of values in a statement. */
const ROWS = 100;

export async function recordResponses(
  trx: Knex.Transaction,
  host: string,
  responses: readonly ResponseRecord[],
): Promise<void> {
  const rows = responses.map((one) => ({
    host,
    unix_time: one.unixTime,
    detection: one.detection,
    rule: one.rule,
    action: one.action,
    place: one.place,
    outcome: one.outcome,
    reason: one.reason,
    pid: one.pid,
    process_id: one.processId === null ? null : String(one.processId),
    path: one.path,
    command: one.command,
    exit_code: one.exitCode,
  }));
  for (let at = 0; at < rows.length; at += ROWS) {
    await trx('responses').insert(rows.slice(at, at + ROWS));
  }
  const oldest = await trx('responses')
    .where({ host })
    .orderBy('id', 'desc')
    .offset(KEPT)
    .first<{ id: string | number } | undefined>('id');
  if (oldest !== undefined) {
    await trx('responses').where({ host }).where('id', '<=', oldest.id).delete();
  }
}
