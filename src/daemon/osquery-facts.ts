import { withPlaces } from '../config/load.ts';
import { redact } from '../config/redact.ts';
import { type Config, configSchema } from '../config/schema.ts';
import { native } from '../native/addon.ts';
import { CLASS_NAMES } from '../sensor/schema.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';
import type {
  EventFacts,
  FlagFacts,
  OsqueryState,
  ScheduleFacts,
} from '../tables/state/own/osquery-state.ts';
import type { HealthParts } from './health.ts';
import { osqueryFlags } from './osquery-flags.ts';

/** What osquery's tables about itself show: schedule, packs, event tables, settings. */
export function osqueryFacts(parts: HealthParts, flags: readonly FlagFacts[]): OsqueryState {
  const schedule = (parts.detecting?.statistics() ?? []).map(
    (query): ScheduleFacts => ({
      name: query.name,
      query: query.sql,
      interval: query.planned,
      executions: query.runs,
      lastExecuted: query.lastRun,
      denied: query.denied,
      outputBytes: query.bytes,
      wallMs: query.wallMs,
      lastWallMs: query.lastWallMs,
      cpu: query.cpu,
      lastCpu: query.lastCpu,
      grown: query.grown,
      lastGrown: query.lastGrown,
    }),
  );
  const packs = parts.detecting?.packs() ?? [];
  return { schedule, packs, events: eventFacts(parts), flags };
}

function eventFacts({ collection, detecting }: HealthParts): EventFacts[] {
  const { seen } = native.loss();
  const covered = new Map(
    (collection?.coverage() ?? []).map(({ className, covered: on }) => [className, on]),
  );
  const reads = (detecting?.statistics() ?? []).map(({ tables }) => new Set(tables));
  const subscribers = EVENT_TABLES.map(({ name, class: className, only, face }): EventFacts => {
    const view = only !== undefined || face !== undefined;
    return {
      name,
      publisher: className,
      type: 'subscriber',
      subscriptions: reads.filter((tables) => tables.has(name)).length,
      events: view ? null : (seen[CLASS_NAMES.indexOf(className)] ?? 0),
      active: covered.get(className) === true,
    };
  });
  const publishers = CLASS_NAMES.map((className, i): EventFacts => {
    const own = subscribers.filter(({ publisher }) => publisher === className);
    return {
      name: className,
      publisher: className,
      type: 'publisher',
      subscriptions: own.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
      events: seen[i] ?? 0,
      active: covered.get(className) === true,
    };
  });
  return [...publishers, ...subscribers];
}

/** Every setting, osquery's flags, and what else stands in `options`; without secrets. */
export function flagsOf(config: Config): FlagFacts[] {
  const defaults = withPlaces(configSchema.parse({}));
  const { options, ...settings } = redact(config) as Config;
  const flags = osqueryFlags({ ...settings, options }, defaults);
  const known = new Set(flags.map(({ name }) => name));
  const defaultOf = flat(defaults);
  const others = [...flat(settings), ...Object.entries(options)]
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => ({
      name,
      type: typeOf(value),
      description: '',
      value: shown(value),
      defaultValue: shown(defaultOf.get(name)),
    }));
  return [...flags, ...others];
}

/** Settings of settings under dotted names; lists and what users name themselves stay whole. */
const WHOLE = new Set([
  'auto_table_construction',
  'schedule',
  'packs',
  'views',
  'file_paths',
  'file_paths_query',
  'options',
]);
WHOLE.add('exclude_paths').add('signatures').add('interval').add('tables');

function flat(settings: object, prefix = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(settings)) {
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!nested || WHOLE.has(key)) found.set(prefix + key, value);
    else for (const [name, inner] of flat(value, `${prefix}${key}.`)) found.set(name, inner);
  }
  return found;
}

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int64';
  return typeof value === 'object' && value !== null ? 'json' : 'string';
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
