import type { Session } from './session.ts';
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
  session: Session,
  host: string,
  sink: string,
  limit: number,
  whole: (run: LoggedRun) => boolean,
): Promise<LoggedRows | null> {
  const [position] = await session.rows<{ run_id: string | number; idx: number }>(
    'SELECT run_id, idx FROM sink_positions WHERE host = ? AND sink = ?',
    host,
    sink,
  );
  const from = Number(position?.run_id ?? 0);
  const [row] = await session.rows<RunRow>(
    'SELECT * FROM runs WHERE host = ? AND id >= ? ORDER BY id LIMIT 1',
    host,
    from,
  );
  if (row === undefined) return null;
  const run = loggedRun(row);
  const firstIndex = run.id === from ? (position?.idx ?? 0) : 0;
  const stored = await session.rows<StoredRow>(
    `SELECT action, columns, suppressed FROM results
     WHERE run_id = ? AND idx >= ? ORDER BY idx LIMIT ?`,
    run.id,
    firstIndex,
    whole(run) ? row.row_count : limit,
  );
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
