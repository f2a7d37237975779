import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { WeirError } from '../config/errors.ts';
import { joinGroups } from './detection-groups.ts';
import { readStates } from './query-state.ts';
import { lineId } from './store.ts';
import { suppress } from './suppressions.ts';
import type { Detection, PreviousChange, QueryState, RuleInfo, RunRecord } from './types.ts';

/** Rows per INSERT: below the databases' limits on parameters. */
const CHUNK = 500;

/**
 * Writes runs of different queries inside the caller's transaction. Snapshots are recorded even
 * when empty; of other runs without rows only the state.
 */
export async function recordRuns(
  trx: Knex.Transaction,
  host: string,
  store: string,
  runs: readonly RunRecord[],
): Promise<readonly Detection[]> {
  for (let i = 0; i < runs.length; i += CHUNK) {
    await advanceStates(trx, host, runs.slice(i, i + CHUNK));
  }
  const found: Detection[] = [];
  for (const run of runs) found.push(...(await recordRows(trx, host, store, run)));
  return found;
}

async function recordRows(
  trx: Knex.Transaction,
  host: string,
  store: string,
  run: RunRecord,
): Promise<readonly Detection[]> {
  if (run.previous !== undefined) await changePrevious(trx, host, run.name, run.previous);
  if (run.rows.length === 0 && run.kind !== 'snapshot') return [];
  const id = await insertRun(trx, host, run);
  const silent = await suppressedRows(trx, host, run);
  const rows = run.rows.map(({ action, columns }, idx) => ({
    run_id: id,
    idx,
    action,
    columns,
    suppressed: silent.has(idx) ? true : null,
  }));
  await insertAll(trx, 'results', rows);
  if (run.rule === undefined) return [];
  return insertDetections(trx, host, store, id, run, run.rule, silent);
}

/** Indexes of rows that would be detections and are only counted. */
async function suppressedRows(
  trx: Knex.Transaction,
  host: string,
  run: RunRecord,
): Promise<ReadonlySet<number>> {
  const wanted = [...run.rows.entries()].filter(([, { action }]) => action !== 'removed');
  if (run.rule === undefined || wanted.length === 0) return new Set();
  const texts = wanted.map(([, { columns }]) => columns);
  const suppressed = await suppress(trx, host, run.name, texts, run.after.ranAt);
  return new Set(wanted.filter((_, i) => suppressed[i]).map(([idx]) => idx));
}

/** The check makes a commit whose answer got lost harmless: trying again finds a conflict. */
async function advanceStates(
  trx: Knex.Transaction,
  host: string,
  runs: readonly RunRecord[],
): Promise<void> {
  const names = runs.map((run) => run.name);
  const states = await readStates(trx, host, names);
  const rows = runs.map(({ name, before, after }) => {
    if (!sameState(states.get(name) ?? null, before)) {
      throw new WeirError('RESULTS_CONFLICT', `query ${name} was recorded by another run`);
    }
    const { sqlHash, epoch, counter, cursor, ranAt } = after;
    return {
      host,
      name,
      sql_hash: sqlHash,
      epoch,
      counter,
      cursor: cursor === null ? null : cursor.toString(),
      ran_at: ranAt,
    };
  });
  await trx('query_state').insert(rows).onConflict(['host', 'name']).merge();
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
  trx: Knex.Transaction,
  host: string,
  name: string,
  change: PreviousChange,
): Promise<void> {
  if (change.fresh) await trx('previous_rows').where({ host, name }).delete();
  const delta = new Map<string, number>();
  for (const row of change.added) delta.set(row, (delta.get(row) ?? 0) + 1);
  for (const row of change.removed) delta.set(row, (delta.get(row) ?? 0) - 1);
  const changes = [...delta]
    .filter(([, copies]) => copies !== 0)
    .map(([columns, copies]) => ({ host, name, hash: sha256(columns), columns, copies }));
  for (let i = 0; i < changes.length; i += CHUNK) {
    await trx('previous_rows')
      .insert(changes.slice(i, i + CHUNK))
      .onConflict(['host', 'name', 'hash'])
      .merge({ copies: trx.raw('previous_rows.copies + excluded.copies') });
  }
  await trx('previous_rows').where({ host, name }).where('copies', '<=', 0).delete();
}

async function insertRun(trx: Knex.Transaction, host: string, run: RunRecord): Promise<number> {
  const inserted = await trx('runs')
    .insert({
      host,
      name: run.name,
      kind: run.kind,
      unix_time: run.after.ranAt,
      epoch: run.after.epoch,
      counter: run.kind === 'snapshot' ? 0 : run.after.counter, // as osquery logs snapshots
      numerics: run.numerics,
      decorations: JSON.stringify(run.decorations),
      row_count: run.rows.length,
      rule: run.rule === undefined ? null : JSON.stringify(run.rule),
    })
    .returning<{ id: string | number }[]>('id');
  return Number(inserted[0]?.id);
}

async function insertDetections(
  trx: Knex.Transaction,
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
  const groups = await joinGroups(trx, host, found);
  const rows = found.map(({ severity, attack, description, unixTime, row }, i) => ({
    host,
    run_id: runId,
    idx: indexes[i],
    group_id: groups[i],
    rule: run.name,
    severity,
    attack: JSON.stringify(attack),
    description,
    unix_time: unixTime,
    row,
  }));
  await insertAll(trx, 'detections', rows);
  return found;
}

async function insertAll(
  trx: Knex.Transaction,
  table: string,
  rows: readonly object[],
): Promise<void> {
  for (let i = 0; i < rows.length; i += CHUNK) await trx(table).insert(rows.slice(i, i + CHUNK));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
