import type { QueryStatistics } from '../query-statistics.ts';
import type { Entry } from './entries.ts';
import type { RuleOutcome } from './messages.ts';

/** Adds a run of the rule. */
export function countRun(entry: Entry, { rows, wallMs, cpu }: RuleOutcome): void {
  entry.runs++;
  entry.lastRun = Math.floor(Date.now() / 1000);
  entry.wallMs += wallMs;
  entry.lastWallMs = wallMs;
  entry.userMs += cpu.userMs;
  entry.systemMs += cpu.systemMs;
  entry.lastCpu = cpu;
  for (const row of rows) entry.bytes += row.length;
}

/** How a rule fares. */
export function statisticsOf(entry: Entry): QueryStatistics {
  const { query, userMs, systemMs, saved, behind, ...counts } = entry;
  return {
    name: query.name,
    sql: query.sql,
    planned: 0,
    interval: 0,
    ...counts,
    cpu: { userMs, systemMs },
    grown: null, // rules share a thread that stays
    lastGrown: null,
    denied: false,
    tables: query.plan.tables,
  };
}
