import { bigint, type Cell, defineTable, double, integer, text } from '../../bridge/table.ts';
import { askBoard } from './board.ts';

/** What weir says about itself: the columns of weir_health, and the keys of `weir health --json`. */
export const HEALTH_FIELDS = {
  healthy: integer('1 when there are no issues, else 0'),
  issues: text('What is broken: JSON list of code, message and remedy'),
  warnings: text('What works, but not as well as it could: the same'),
  version: text('Version of weir'),
  pid: bigint('Process id of the daemon'),
  uptime_seconds: bigint('Since the daemon started'),
  provider: text('Source of events: ebpf, netlink, or off'),
  provider_reason: text('Why this one; empty when it is the one that was asked for'),
  hooks: text('Attached programs by tier, and how many could not be had, as JSON'),
  classes: text('By class, as JSON: covered, tier, and hooks that are missing'),
  kernel: text('Release of the kernel'),
  btf: integer('1 when the kernel has type information, which eBPF needs'),
  boot_guard: text('Why eBPF is not tried since the host went down; empty when it may be'),
  queries: integer('Scheduled queries and rules that are loaded'),
  rules: text('Work of streaming rules, as JSON; NULL without any'),
  shed: text('What is given up to stay below limits, as JSON: level, what, times, why'),
  lost_events: bigint('Events lost since the start, of all classes'),
  loss: text('Counters of weir_loss by class, as JSON'),
  store: text('Event store, as JSON: path, bytes, rows, queued_rows, last_flush_ms, high_water'),
  store_bytes: bigint('Bytes of all blocks'),
  first_time: bigint('Time of the oldest stored event, seconds since 1970; at most a minute old'),
  last_event: bigint('When the last event was stored, seconds since 1970'),
  query_threads: text('Queries that run and that wait, as JSON'),
  sinks: text('Where result lines go, as JSON: name, delivered, failures, error'),
  operator_failures: text('Failures of stream operators by name, as JSON'),
  conflicts: text('Other sensors on this host, as JSON; at most a minute old'),
  caches: text(
    'What is kept in memory, as JSON: name, entries, bytes, max_bytes, evicted (for want of room)',
  ),
  rss_bytes: bigint('Resident memory of the daemon'),
  cpu_seconds: double('Processor time of the daemon since its start'),
  cpu_percent: double('The same as share of one processor since its start'),
} as const;

export type HealthField = keyof typeof HEALTH_FIELDS;
/** One value for each field; objects are shown as JSON. */
export type HealthReport = Readonly<Record<HealthField, unknown>>;

/** What there is to say when no daemon runs. */
export const NO_DAEMON: Pick<HealthReport, 'healthy' | 'issues'> = {
  healthy: false,
  issues: [
    {
      code: 'NO_DAEMON',
      message: 'no daemon runs on this state directory: nothing is watched',
      remedy: 'start one: systemctl start weir, or weir daemon',
    },
  ],
};

function cell(value: unknown): Cell {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as Cell);
}

export const weirHealth = defineTable({
  name: 'weir_health',
  description: 'How weir itself fares, as `weir health` says it; one row',
  rows: 1,
  columns: HEALTH_FIELDS,
  examples: [
    'SELECT healthy, issues, provider, lost_events FROM weir_health',
    `SELECT value ->> 'code' AS code, value ->> 'remedy' AS remedy FROM weir_health, json_each(issues)`,
  ],
  *generate(context) {
    const answer = askBoard('health', () => context.checkpoint());
    const report = answer === undefined ? NO_DAEMON : (JSON.parse(answer) as HealthReport);
    yield Object.fromEntries(Object.entries(report).map(([name, value]) => [name, cell(value)]));
  },
});
