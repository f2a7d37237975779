import type { Knex } from 'knex';
import { WeirError } from '../config/errors.ts';
import type { Session } from './session.ts';
import { fits, type NewSuppression, type Suppression } from './suppression.ts';

interface SuppressionRow {
  readonly id: string | number;
  readonly rule: string;
  readonly conditions: string;
  readonly reason: string;
  readonly created: string | number;
  readonly until: string | number;
  readonly count: string | number;
  readonly last_time: string | number | null;
}

export async function addSuppression(
  db: Knex,
  host: string,
  { rule, conditions, reason }: NewSuppression,
  created: number,
  until: number,
): Promise<Suppression> {
  const row = { rule, conditions: JSON.stringify(conditions), reason, created, until, count: 0 };
  const inserted = await db('suppressions')
    .insert({ host, ...row })
    .returning<{ id: string | number }[]>('id');
  return toSuppression({ ...row, id: inserted[0]?.id ?? 0, last_time: null });
}

/** Those that ended too, until results of their time leave; newest first. */
export async function listSuppressions(db: Knex, host: string): Promise<readonly Suppression[]> {
  const rows = await db('suppressions')
    .where({ host })
    .orderBy('id', 'desc')
    .select<SuppressionRow[]>();
  return rows.map(toSuppression);
}

/** All or none. Rejects with SUPPRESSION_UNKNOWN. */
export async function removeSuppressions(
  trx: Knex.Transaction,
  host: string,
  ids: readonly number[],
): Promise<void> {
  for (const id of ids) {
    if ((await trx('suppressions').where({ host, id }).delete()) === 0) {
      const hint = '"weir detections suppressions" lists them';
      throw new WeirError('SUPPRESSION_UNKNOWN', `there is no suppression ${id}; ${hint}`);
    }
  }
}

/**
 * Which rows of a rule are suppressed at a time; they are counted, each at the oldest suppression
 * that it fits.
 *
 * @param rows JSON object texts
 * @param now seconds since 1970
 */
export async function suppress(
  session: Session,
  host: string,
  rule: string,
  rows: readonly string[],
  now: number,
): Promise<readonly boolean[]> {
  const found = await session.rows<SuppressionRow>(
    'SELECT * FROM suppressions WHERE host = ? AND rule = ? AND until > ? ORDER BY id',
    host,
    rule,
    now,
  );
  const active = found.map(toSuppression);
  const counts = new Map<number, number>();
  const suppressed = rows.map((row) => {
    const by = active.find(({ conditions }) => fits(conditions, row));
    if (by !== undefined) counts.set(by.id, (counts.get(by.id) ?? 0) + 1);
    return by !== undefined;
  });
  for (const [id, count] of counts) {
    const sql = 'UPDATE suppressions SET count = count + ?, last_time = ? WHERE id = ?';
    await session.rows(sql, count, now, id);
  }
  return suppressed;
}

function toSuppression(row: SuppressionRow): Suppression {
  return {
    id: Number(row.id),
    rule: row.rule,
    conditions: JSON.parse(row.conditions) as Suppression['conditions'],
    reason: row.reason,
    created: Number(row.created),
    until: Number(row.until),
    count: Number(row.count),
    lastTime: row.last_time === null ? null : Number(row.last_time),
  };
}
