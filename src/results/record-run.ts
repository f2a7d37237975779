import { createHash } from 'node:crypto';
import { WeirError } from '../config/errors.ts';
import { joinGroups } from './detection-groups.ts';
import { readStates } from './query-state.ts';
import { type Bound, insert, marks, type Session } from './session.ts';
import { lineId } from './store.ts';
import { suppress } from './suppressions.ts';
import type { Detection, PreviousChange, QueryState, RuleInfo, RunRecord } from './types.ts';

/** Queries whose states one statement reads: below the databases' limits on parameters. */
const CHUNK = 500;

/**
 * Writes runs of different queries inside the caller's transaction. Snapshots are recorded even
 * when empty; of other runs without rows only the state.
 */
export async function recordRuns(
  session: Session,
  host: string,
  store: string,
  runs: readonly RunRecord[],
): Promise<readonly Detection[]> {
  for (let i = 0; i < runs.length; i += CHUNK) {
    await advanceStates(session, host, runs.slice(i, i + CHUNK));
  }
  const found: Detection[] = [];
  for (const run of runs) found.push(...(await recordRows(session, host, store, run)));
  return found;
}

async function recordRows(
  session: Session,
  host: string,
  store: string,
  run: RunRecord,
): Promise<readonly Detection[]> {
  if (run.previous !== undefined) await changePrevious(session, host, run.name, run.previous);
  if (run.rows.length === 0 && run.kind !== 'snapshot') return [];
  const id = await insertRun(session, host, run);
  const silent = await suppressedRows(session, host, run);
  const rows = run.rows.map(({ action, columns }, idx) => {
    return [id, idx, action, columns, silent.has(idx) ? true : null];
  });
  await insert(session, 'results (run_id, idx, action, columns, suppressed)', rows);
  if (run.rule === undefined) return [];
  return insertDetections(session, host, store, id, run, run.rule, silent);
}

/** Indexes of rows that would be detections and are only counted. */
async function suppressedRows(
  session: Session,
  host: string,
  run: RunRecord,
): Promise<ReadonlySet<number>> {
  const wanted = [...run.rows.entries()].filter(([, { action }]) => action !== 'removed');
  if (run.rule === undefined || wanted.length === 0) return new Set();
  const texts = wanted.map(([, { columns }]) => columns);
  const suppressed = await suppress(session, host, run.name, texts, run.after.ranAt);
  return new Set(wanted.filter((_, i) => suppressed[i]).map(([idx]) => idx));
}

/** The check makes a commit whose answer got lost harmless: trying again finds a conflict. */
async function advanceStates(
  session: Session,
  host: string,
  runs: readonly RunRecord[],
): Promise<void> {
  const names = runs.map((run) => run.name);
  const states = await readStates(session, host, names);
  const rows = runs.map(({ name, before, after }) => {
    if (!sameState(states.get(name) ?? null, before)) {
      throw new WeirError('RESULTS_CONFLICT', `query ${name} was recorded by another run`);
    }
    const { sqlHash, epoch, counter, cursor, ranAt } = after;
    return [host, name, sqlHash, epoch, counter, cursor === null ? null : `${cursor}`, ranAt];
  });
  await insert(
    session,
    'query_state (host, name, sql_hash, epoch, counter, cursor, ran_at)',
    rows,
    `ON CONFLICT (host, name) DO UPDATE SET sql_hash = excluded.sql_hash, epoch = excluded.epoch,
       counter = excluded.counter, cursor = excluded.cursor, ran_at = excluded.ran_at`,
  );
}

function sameState(a: QueryState | null, b: QueryState | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.cursor === b.cursor &&
    a.counter === b.counter &&
    a.epoch === b.epoch &&
    a.sqlHash === b.sqlHash
  );
}

async function changePrevious(
  session: Session,
  host: string,
  name: string,
  change: PreviousChange,
): Promise<void> {
  const own = 'DELETE FROM previous_rows WHERE host = ? AND name = ?';
  if (change.fresh) await session.rows(own, host, name);
  const delta = new Map<string, number>();
  for (const row of change.added) delta.set(row, (delta.get(row) ?? 0) + 1);
  for (const row of change.removed) delta.set(row, (delta.get(row) ?? 0) - 1);
  const changes = [...delta]
    .filter(([, copies]) => copies !== 0)
    .map(([columns, copies]): readonly Bound[] => [host, name, sha256(columns), columns, copies]);
  await insert(
    session,
    'previous_rows (host, name, hash, columns, copies)',
    changes,
    'ON CONFLICT (host, name, hash) DO UPDATE SET copies = previous_rows.copies + excluded.copies',
  );
  await session.rows(`${own} AND copies <= 0`, host, name);
}

async function insertRun(session: Session, host: string, run: RunRecord): Promise<number> {
  const values = [
    host,
    run.name,
    run.kind,
    run.after.ranAt,
    run.after.epoch,
    run.kind === 'snapshot' ? 0 : run.after.counter, // as osquery logs snapshots
    run.numerics,
    JSON.stringify(run.decorations),
    run.rows.length,
    run.rule === undefined ? null : JSON.stringify(run.rule),
  ];
  const [inserted] = await session.rows<{ id: string | number }>(
    `INSERT INTO runs (host, name, kind, unix_time, epoch, counter, numerics, decorations, row_count,
       rule) ${marks(1, values.length)} RETURNING id`,
    ...values,
  );
  return Number(inserted?.id);
}

async function insertDetections(
  session: Session,
  host: string,
  store: string,
  runId: number,
  run: RunRecord,
  rule: RuleInfo,
  silent: ReadonlySet<number>,
): Promise<readonly Detection[]> {
  const found: Detection[] = [];
  const indexes: number[] = [];
  for (const [idx, { action, columns }] of run.rows.entries()) {
    if (action === 'removed' || silent.has(idx)) continue;
    const { severity, attack, description } = rule;
    const unixTime = run.after.ranAt;
    const id = lineId(store, runId, idx);
    found.push({ id, rule: run.name, severity, attack, description, unixTime, row: columns });
    indexes.push(idx);
  }
  const groups = await joinGroups(session, host, found);
  const rows = found.map(({ severity, attack, description, unixTime, row }, i) => {
    const place = [host, runId, indexes[i] as number, groups[i] as number] as const;
    const what = [run.name, severity, JSON.stringify(attack), description] as const;
    return [...place, ...what, unixTime, row];
  });
  await insert(
    session,
    `detections (host, run_id, idx, group_id, rule, severity, attack, description, unix_time, "row")`,
    rows,
  );
  return found;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
