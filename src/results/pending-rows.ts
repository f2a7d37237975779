import type { Knex } from 'knex';
import type { LoggedRows, LoggedRun, ResultRow, RuleInfo, RunKind } from './types.ts';

interface RunRow {
  readonly id: string | number;
  readonly name: string;
  readonly kind: RunKind;
  readonly unix_time: string | number;
  readonly epoch: string | number;
  readonly counter: string | number;
  readonly numerics: number | boolean;
  readonly decorations: string;
  readonly row_count: number;
  readonly rule: string | null;
}

interface StoredRow extends Pick<ResultRow, 'action' | 'columns'> {
  readonly suppressed: number | boolean | null;
}

/**
 * What comes after the sink's position. One host's runs are committed one after another, so their
 * ids grow in commit order and no run can appear behind a position.
 */
export async function pendingRows(
  db: Knex,
  host: string,
  sink: string,
  limit: number,
  whole: (run: LoggedRun) => boolean,
): Promise<LoggedRows | null> {
  const position = await db('sink_positions')
    .where({ host, sink })
    .first<{ run_id: string | number; idx: number } | undefined>('run_id', 'idx');
  const from = Number(position?.run_id ?? 0);
  const row = await db('runs')
    .where({ host })
    .where('id', '>=', from)
    .orderBy('id')
    .first<RunRow | undefined>();
  if (row === undefined) return null;
  const run = loggedRun(row);
  const firstIndex = run.id === from ? (position?.idx ?? 0) : 0;
  const query = db('results')
    .where({ run_id: run.id })
    .where('idx', '>=', firstIndex)
    .orderBy('idx')
    .select<StoredRow[]>('action', 'columns', 'suppressed');
  const stored = await (whole(run) ? query : query.limit(limit));
  const rows = stored.map(({ action, columns, suppressed }) =>
    suppressed ? { action, columns, suppressed: true } : { action, columns },
  );
  return { run, firstIndex, rows, last: firstIndex + rows.length >= row.row_count };
}

function loggedRun(row: RunRow): LoggedRun {
  return {
    id: Number(row.id),
    name: row.name,
    kind: row.kind,
    unixTime: Number(row.unix_time),
    epoch: Number(row.epoch),
    counter: Number(row.counter),
    numerics: Boolean(row.numerics),
    decorations: JSON.parse(row.decorations) as Record<string, string>,
    rule: row.rule === null ? null : (JSON.parse(row.rule) as RuleInfo),
  };
}
