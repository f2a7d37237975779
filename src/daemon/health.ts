import { type LossCounters, native } from '../sensor/native.ts';
import { CLASS_NAMES, type ClassName } from '../sensor/schema.ts';
import type { Collection } from './collection.ts';
import type { Detecting } from './detecting.ts';
import type { EventStore } from './event-store.ts';

export interface HealthParts {
  readonly store: EventStore;
  readonly collection: Collection | null;
  readonly detecting: Detecting | null;
}

/** By class: the counters of weir_loss. */
function byClass(loss: LossCounters): Record<ClassName, Record<string, number>> {
  const classes = CLASS_NAMES.map((name, index) => {
    const entries = Object.entries(loss) as [string, number[]][];
    return [name, Object.fromEntries(entries.map(([key, values]) => [key, values[index] ?? 0]))];
  });
  return Object.fromEntries(classes) as Record<ClassName, Record<string, number>>;
}

/** What GET /health says; `issues` is empty when all is well. */
export function health({ store, collection, detecting }: HealthParts): object {
  const stats = store.native.stats();
  const rules = detecting?.ruleLoad ?? null;
  const issues: string[] = [];
  if (stats.error !== '') issues.push(`store: ${stats.error}`);
  for (const { className, covered, missing } of collection?.provider.coverage() ?? []) {
    if (!covered && missing.length > 0)
      issues.push(`${className} events are not watched: ${missing.join('; ')}`);
  }
  for (const { name, error } of detecting?.sinks() ?? []) {
    if (error !== '') issues.push(`sink ${name}: ${error}`);
  }
  for (const { name, lastError } of detecting?.statistics() ?? []) {
    if (lastError !== '') issues.push(`query ${name}: ${lastError}`);
  }
  return {
    healthy: issues.length === 0,
    issues,
    pid: process.pid,
    uptime_seconds: Math.floor(process.uptime()),
    rss_bytes: process.memoryUsage.rss(),
    provider: collection?.provider.name ?? 'off',
    provider_reason: collection?.providerReason ?? '',
    store: {
      queued_rows: stats.queuedRows,
      last_flush_ms: stats.lastFlushMs,
      high_water: String(store.native.highWater()),
    },
    loss: byClass(native.loss()),
    queries: detecting?.queries ?? 0,
    rules: rules === null ? null : { passes: rules.passes, busy_ms: Math.round(rules.busyMs) },
    operator_failures: Object.fromEntries(collection?.failures ?? []),
  };
}
