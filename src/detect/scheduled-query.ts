import { createHash } from 'node:crypto';
import type { RuleInfo } from '../results/types.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';
import { planQuery, type QueryPlan } from './driver.ts';
import type { PackQuery } from './pack-schema.ts';
import type { Respond } from './response/types.ts';
import { expandViews, type Views } from './views.ts';

const EVENT_TABLE_NAMES: ReadonlySet<string> = new Set(EVENT_TABLES.map((table) => table.name));

const NO_VIEWS: Views = new Map();

/** Queries that must each return a row before a pack's queries run. */
export interface Discovery {
  readonly pack: string;
  readonly queries: readonly string[];
}

/** A query as the scheduler runs it. */
export interface ScheduledQuery {
  readonly name: string; // in logs: pack_<pack>_<query>
  readonly sql: string;
  readonly sqlHash: string;
  readonly interval: number; // seconds, before splay
  readonly snapshot: boolean;
  /** Whether rows that went away are logged. */
  readonly removed: boolean;
  readonly plan: QueryPlan;
  /** Runs for every batch of new events, not at an interval. */
  readonly streaming: boolean;
  /** Runs at start, lowest first. */
  readonly startupPriority: number | undefined;
  /** Whether it is left out for a day after it crossed its limits. */
  readonly denylist: boolean;
  readonly rule: RuleInfo | undefined;
  readonly respond: Respond;
  readonly discovery: Discovery | undefined;
}

export interface QueryDefaults {
  readonly interval: number;
  readonly discovery?: Discovery | undefined;
  readonly views?: Views | undefined;
}

/** @throws WeirError DRIVER_UNKNOWN, VIEW_CYCLE */
export function scheduledQuery(
  name: string,
  query: PackQuery,
  defaults: QueryDefaults,
): ScheduledQuery {
  const written = query.query.trim().replace(/;\s*$/, '');
  const sql = expandViews(written, defaults.views ?? NO_VIEWS);
  const { severity, attack = [], description = '' } = query;
  return {
    name,
    sql,
    sqlHash: createHash('sha256').update(sql).digest('hex'),
    interval: query.interval ?? defaults.interval,
    snapshot: query.snapshot ?? false,
    removed: query.removed ?? true,
    plan: planQuery(sql, EVENT_TABLE_NAMES, { driver: query.driver, mode: query.mode }),
    streaming: query.mode === 'streaming',
    startupPriority: query.startup_priority,
    denylist: query.denylist ?? query.blacklist ?? true,
    rule: severity === undefined ? undefined : { severity, attack, description },
    respond: query.respond ?? 'alert',
    discovery: defaults.discovery,
  };
}
