import type { Knex } from 'knex';
import { WeirError } from '../config/errors.ts';
import {
  type DetectionGroup,
  type DetectionStatus,
  groupKey,
  isOpen,
  type MatchingRow,
} from './detection-group.ts';
import { type Bound, insert, type Session } from './session.ts';
import { lineId } from './store.ts';
import type { Detection, Severity } from './types.ts';

/** Rows per statement: below the databases' limits on parameters. */
const CHUNK = 500;

interface GroupRow {
  readonly id: string | number;
  readonly host: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly attack: string;
  readonly description: string;
  readonly status: DetectionStatus;
  readonly status_time: string | number | null;
  readonly first_time: string | number;
  readonly last_time: string | number;
  readonly count: string | number;
  readonly row: string;
}

/**
 * Adds detections of one rule to their open groups, or begins new ones. Returns the group of each.
 * `open_key` is unique among what is open, so that the database decides which of both it is.
 */
export async function joinGroups(
  session: Session,
  host: string,
  found: readonly Detection[],
): Promise<readonly number[]> {
  const keys = found.map(({ rule, row }) => groupKey(rule, row));
  const groups = new Map<string, { readonly newest: Detection; readonly count: number }>();
  for (const [i, key] of keys.entries()) {
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { newest: found[i] as Detection, count });
  }
  const ids = new Map<string, number>();
  const wanted = [...groups];
  for (let i = 0; i < wanted.length; i += CHUNK) {
    const piece = wanted.slice(i, i + CHUNK);
    const rows = piece.map(([key, { newest, count }]) => newGroup(host, key, newest, count));
    await insert(session, GROUP_COLUMNS, rows, JOIN_GROUP);
    const open = await session.rows<{ id: string | number; open_key: string }>(
      `SELECT id, open_key FROM detection_groups
       WHERE host = ? AND open_key IN (${piece.map(() => '?').join(', ')})`,
      host,
      ...piece.map(([key]) => key),
    );
    for (const { id, open_key } of open) ids.set(open_key, Number(id));
  }
  return keys.map((key) => ids.get(key) as number);
}

const GROUP_COLUMNS = `detection_groups (host, group_key, open_key, rule, severity, attack,
  description, status, first_time, last_time, count, "row")`;
const JOIN_GROUP = `ON CONFLICT (host, open_key) DO UPDATE SET
  severity = excluded.severity, attack = excluded.attack, description = excluded.description,
  last_time = excluded.last_time, count = detection_groups.count + excluded.count,
  "row" = excluded."row"`;

function newGroup(host: string, key: string, newest: Detection, count: number): readonly Bound[] {
  const { rule, severity, attack, description, unixTime, row } = newest;
  const what = [rule, severity, JSON.stringify(attack), description] as const;
  return [host, key, key, ...what, 'new', unixTime, unixTime, count, row];
}

/** Newest first, by the time of their last row. */
export async function listGroups(
  db: Knex,
  host: string,
  limit: number,
  status: DetectionStatus | undefined,
): Promise<readonly DetectionGroup[]> {
  const rows = await db('detection_groups')
    .where({ host, ...(status === undefined ? {} : { status }) })
    .orderBy([
      { column: 'last_time', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit)
    .select<GroupRow[]>();
  return rows.map(toGroup);
}

export async function findGroup(
  db: Knex,
  host: string,
  id: number,
): Promise<DetectionGroup | null> {
  const row = await db('detection_groups').where({ host, id }).first<GroupRow | undefined>();
  return row === undefined ? null : toGroup(row);
}

/** Oldest first. */
export async function rowsOfGroup(
  db: Knex,
  host: string,
  store: string,
  group: number,
  limit: number,
): Promise<readonly MatchingRow[]> {
  const rows = await db('detections')
    .where({ host, group_id: group })
    .orderBy('id')
    .limit(limit)
    .select<{ run_id: string | number; idx: number; unix_time: string | number; row: string }[]>();
  return rows.map(({ run_id, idx, unix_time, row }) => ({
    id: lineId(store, Number(run_id), idx),
    unixTime: Number(unix_time),
    row,
  }));
}

/** All or none. Rejects with DETECTION_UNKNOWN, DETECTION_OPEN. */
export async function setGroupStatus(
  trx: Knex.Transaction,
  host: string,
  ids: readonly number[],
  status: DetectionStatus,
  now: number,
): Promise<void> {
  for (const id of ids) {
    const group = await trx('detection_groups')
      .where({ host, id })
      .first<{ group_key: string } | undefined>('group_key');
    if (group === undefined) throw unknownDetection(id);
    const { group_key } = group;
    if (isOpen(status)) {
      const other = await trx('detection_groups')
        .where({ host, open_key: group_key })
        .whereNot({ id })
        .first<{ id: string | number } | undefined>('id');
      if (other !== undefined) {
        throw new WeirError(
          'DETECTION_OPEN',
          `detection ${id} came again and is open as ${other.id}; go on with that one`,
        );
      }
    }
    await trx('detection_groups')
      .where({ host, id })
      .update({ status, status_time: now, open_key: isOpen(status) ? group_key : null });
  }
}

export function unknownDetection(id: number): WeirError {
  return new WeirError(
    'DETECTION_UNKNOWN',
    `there is no detection ${id}; "weir detections" lists them`,
  );
}

function toGroup(row: GroupRow): DetectionGroup {
  return {
    id: Number(row.id),
    host: row.host,
    rule: row.rule,
    severity: row.severity,
    attack: JSON.parse(row.attack) as string[],
    description: row.description,
    status: row.status,
    statusTime: row.status_time === null ? null : Number(row.status_time),
    firstTime: Number(row.first_time),
    lastTime: Number(row.last_time),
    count: Number(row.count),
    row: row.row,
  };
}
