import { VERSION } from '../config/version.ts';
import { native } from '../native/addon.ts';
import type { LossCounters } from '../native/sensor.ts';
import { CLASS_NAMES, type ClassName } from '../sensor/schema.ts';
import { boundedMaps } from '../stream/bounded-map.ts';
import type { HealthReport } from '../tables/state/weir/weir-health.ts';
import type { Collection } from './collection.ts';
import type { Detecting } from './detecting.ts';
import type { EventStore } from './event-store.ts';
import { diskSpace, hasBtf, isLow, kernelRelease } from './host-facts.ts';
import type { Shedding } from './load-guard.ts';
import { type OtherSensor, otherSensors } from './other-sensors.ts';

export interface HealthParts {
  readonly store: EventStore;
  readonly collection: Collection | null;
  readonly detecting: Detecting | null;
  /** Why the last reload changed nothing; '' when it did. */
  readonly reloadError?: () => string;
  /** What is given up to stay below limits. */
  readonly shedding?: () => Shedding;
  /** Queries that run and that wait. */
  readonly load?: () => { readonly running: number; readonly waiting: number };
  /** Time of the oldest stored event, seconds; null: none, or not known yet. */
  readonly firstTime?: () => number | null;
}

/** Something to act on; codes are stable and listed in docs/errors.md. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

const OTHERS_MS = 60_000;
let others: { readonly at: number; readonly found: readonly OtherSensor[] } | undefined;

/** They come and go seldom, and looking reads a file per process. */
function conflicts(): readonly OtherSensor[] {
  if (others === undefined || performance.now() - others.at > OTHERS_MS) {
    others = { at: performance.now(), found: otherSensors() };
  }
  return others.found;
}

/** By class: the counters of weir_loss. */
function byClass(loss: LossCounters): Record<ClassName, Record<string, number>> {
  const classes = CLASS_NAMES.map((name, index) => {
    const entries = Object.entries(loss) as [string, number[]][];
    return [name, Object.fromEntries(entries.map(([key, values]) => [key, values[index] ?? 0]))];
  });
  return Object.fromEntries(classes) as Record<ClassName, Record<string, number>>;
}

const LOST = ['lostRing', 'lostMap', 'lostDecode', 'lostQueue', 'lostStore'] as const;

function lostBy(loss: LossCounters): ReadonlyMap<ClassName, number> {
  const sums = CLASS_NAMES.map((name, index) => {
    const sum = LOST.reduce((total, key) => total + (loss[key][index] ?? 0), 0);
    return [name, sum] as const;
  });
  return new Map(sums.filter(([, sum]) => sum > 0));
}

function issuesOf({ store, collection, detecting, reloadError, shedding }: HealthParts): Finding[] {
  const issues: Finding[] = [];
  const { error } = store.native.stats();
  if (error !== '') {
    issues.push({
      code: 'STORE_ERROR',
      message: `store: ${error}`,
      remedy: 'make room on the disk or repair it; events wait in memory meanwhile, up to a bound',
    });
  }
  for (const { className, covered, missing } of collection?.coverage() ?? []) {
    if (covered || missing.length === 0) continue;
    issues.push({
      code: 'CLASS_NOT_WATCHED',
      message: `${className} events are not watched: ${missing.join('; ')}`,
      remedy: 'weir doctor says what the kernel lacks',
    });
  }
  const away = detecting?.waitsFor ?? '';
  if (away !== '') {
    issues.push({
      code: 'RESULTS_UNAVAILABLE',
      message: `queries and rules wait for the results database: ${away}`,
      remedy:
        'start it, or correct results.connection and restart; events are seen and kept meanwhile',
    });
  }
  for (const { name, error: why } of detecting?.sinks() ?? []) {
    if (why === '') continue;
    issues.push({
      code: 'SINK_FAILED',
      message: `sink ${name}: ${why}`,
      remedy: 'repair what takes the lines; they are kept and delivered then',
    });
  }
  for (const { name, lastError } of detecting?.statistics() ?? []) {
    if (lastError === '') continue;
    issues.push({
      code: 'QUERY_FAILED',
      message: `query ${name}: ${lastError}`,
      remedy: 'correct the query, then reload with SIGHUP; weir pack check tells its problems',
    });
  }
  const shed = shedding?.();
  if (shed !== undefined && shed.level > 0) {
    issues.push({
      code: 'LOAD_SHED',
      message: `given up to stay below a limit: ${shed.what.join('; ')} (${shed.why})`,
      remedy: 'exclude what is noisy (weir statistics names it), or raise limits',
    });
  }
  const notReloaded = reloadError?.() ?? '';
  if (notReloaded !== '') {
    issues.push({
      code: 'NOT_RELOADED',
      message: `the configuration was not reloaded: ${notReloaded}`,
      remedy:
        'mend it (weir config check FILE), then weir reload; what ran before goes on meanwhile',
    });
  }
  return issues;
}

function warningsOf({ store, collection }: HealthParts, loss: LossCounters): Finding[] {
  const warnings: Finding[] = [];
  const reason = collection?.fallbackReason ?? '';
  if (reason !== '') {
    warnings.push({
      code: 'NO_EBPF',
      message: `events are watched without eBPF: ${reason}`,
      remedy: 'weir doctor says what to change; docs/blind-spots.md what is coarser meanwhile',
    });
  }
  const lost = lostBy(loss);
  if (lost.size > 0) {
    const parts = [...lost].map(([name, sum]) => `${name} ${sum}`);
    warnings.push({
      code: 'EVENTS_LOST',
      message: `events were lost since the start: ${parts.join(', ')}`,
      remedy: 'weir_loss says where; exclude what is noisy, or give the daemon more processor time',
    });
  }
  const { aside } = store.native.stats();
  if (aside !== '') {
    warnings.push({
      code: 'STORE_SET_ASIDE',
      message: `a damaged event store was set aside as ${aside}`,
      remedy: 'keep it for recovery or remove it; check the disk',
    });
  }
  const space = diskSpace(store.path);
  if (space !== undefined && isLow(space)) {
    warnings.push({
      code: 'DISK_LOW',
      message: `${Math.floor(space.freeBytes / 1_048_576)} MiB are left on the disk of ${store.path}`,
      remedy: 'make room, or lower store.max_bytes',
    });
  }
  for (const [operator, count] of collection?.failures ?? []) {
    warnings.push({
      code: 'OPERATOR_FAILED',
      message: `the stream's ${operator} failed ${count} times; its batches went on without it`,
      remedy: 'the daemon’s log has the reason; please report it',
    });
  }
  return warnings;
}

function classesOf(collection: Collection | null): Record<string, object> {
  const all = collection?.coverage() ?? [];
  return Object.fromEntries(
    all.map(({ className, covered, tier, missing }) => [className, { covered, tier, missing }]),
  );
}

/** Attached programs by tier; `missing`: wanted, and not had. */
function hooksOf(collection: Collection | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { wanted, attached, tier } of collection?.provider.hooks() ?? []) {
    if (!wanted) continue;
    const key = attached ? tier : 'missing';
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** As the table weir_health takes it: a fault here is told too. */
export function healthAnswer(parts: HealthParts): string {
  try {
    return JSON.stringify(health(parts));
  } catch (error) {
    const issue = { code: 'INTERNAL', message: String(error), remedy: 'please report it' };
    return JSON.stringify({ healthy: false, issues: [issue] });
  }
}

/** What GET /health, `weir health` and weir_health say; `issues` is empty when all is well. */
export function health(parts: HealthParts): HealthReport {
  const { store, collection, detecting } = parts;
  const stats = store.native.stats();
  const rules = detecting?.ruleLoad ?? null;
  const loss = native.loss();
  const issues = issuesOf(parts);
  const { user, system } = process.cpuUsage();
  const cpu = (user + system) / 1e6;
  const bytes = sum(stats.bytes);
  return {
    healthy: issues.length === 0,
    issues,
    warnings: warningsOf(parts, loss),
    version: VERSION,
    pid: process.pid,
    uptime_seconds: Math.floor(process.uptime()),
    provider: collection?.provider.name ?? 'off',
    provider_reason: collection?.providerReason ?? '',
    hooks: hooksOf(collection),
    classes: classesOf(collection),
    kernel: kernelRelease,
    btf: hasBtf,
    boot_guard: collection?.bootGuard ?? '',
    queries: detecting?.queries ?? 0,
    rules: rules === null ? null : { passes: rules.passes, busy_ms: Math.round(rules.busyMs) },
    shed: parts.shedding?.() ?? null,
    lost_events: sum([...lostBy(loss).values()]),
    loss: byClass(loss),
    store: {
      path: store.path,
      bytes,
      rows: sum(stats.rows),
      queued_rows: stats.queuedRows,
      last_flush_ms: stats.lastFlushMs,
      high_water: String(store.native.highWater()),
    },
    store_bytes: bytes,
    first_time: parts.firstTime?.() ?? null,
    last_event: collection?.lastEvent ?? null,
    query_threads: parts.load?.() ?? null,
    sinks: detecting?.sinks() ?? [],
    operator_failures: Object.fromEntries(collection?.failures ?? []),
    conflicts: conflicts(),
    caches: [...native.caches(), ...boundedMaps()],
    rss_bytes: process.memoryUsage.rss(),
    cpu_seconds: Math.round(cpu * 100) / 100,
    cpu_percent: Math.round((cpu / process.uptime()) * 1000) / 10,
  };
}
