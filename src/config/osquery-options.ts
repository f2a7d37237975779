import type { JsonPath } from './key-path.ts';
import { suggest } from './suggest.ts';

type Value = string | number | boolean;

/** Where an osquery flag goes in our document, and how its value is said there. */
interface Move {
  readonly to: JsonPath;
  /** undefined: leave the setting alone. `all`: the other options. */
  readonly as?: (value: Value, all: Readonly<Record<string, Value>>) => unknown;
}

export interface OptionWarning {
  readonly option: string;
  readonly message: string;
}

const truth = (value: Value): boolean =>
  value === true || /^(?:true|1|yes|on)$/i.test(String(value));
const number = (value: Value): unknown => {
  const parsed = Number(value);
  return value === '' || Number.isNaN(parsed) ? value : parsed;
};
/** Ours is on by default, so only an explicit false says something. */
const unlessFalse = (value: Value): false | undefined => (truth(value) ? undefined : false);

const plugins = (value: Value): string[] =>
  String(value)
    .split(',')
    .map((name) => name.trim());

const OWN_IDS = ['instance', 'ephemeral'];
const HERE = ['stdout', 'syslog'];

const MOVES: Readonly<Record<string, Move | readonly Move[]>> = {
  host_identifier: {
    to: ['host_identifier'],
    // osquery makes ids of its own for an instance; the machine's is as stable.
    as: (value) =>
      value === 'specified' ? undefined : OWN_IDS.includes(String(value)) ? 'uuid' : value,
  },
  specified_identifier: { to: ['host_identifier'] },
  logger_path: { to: ['logger', 'path'] },
  logger_event_type: { to: ['logger', 'event_type'], as: truth },
  logger_snapshot_event_type: { to: ['logger', 'snapshot_event_type'], as: truth },
  logger_numerics: { to: ['logger', 'numerics'], as: truth },
  logger_plugin: [
    { to: ['logger', 'stdout'], as: (value) => plugins(value).includes('stdout') || undefined },
    { to: ['logger', 'syslog'], as: (value) => plugins(value).includes('syslog') || undefined },
    {
      to: ['logger', 'path'],
      // With none of ours named (tls, kafka) files are better than nothing.
      as: (value) =>
        plugins(value).includes('filesystem') || !plugins(value).some((name) => HERE.includes(name))
          ? undefined
          : null,
    },
  ],
  logger_rotate: {
    to: ['logger', 'rotate', 'max_bytes'],
    as: (value) => (truth(value) ? undefined : 0),
  },
  logger_rotate_size: { to: ['logger', 'rotate', 'max_bytes'], as: number },
  logger_rotate_max_files: { to: ['logger', 'rotate', 'keep'], as: number },
  decorations_top_level: { to: ['logger', 'decorations_top_level'], as: truth },
  disable_logging: {
    to: ['logger', 'path'],
    as: (value) => (truth(value) ? null : undefined),
  },
  verbose: { to: ['logger', 'level'], as: (value) => (truth(value) ? 'debug' : undefined) },
  schedule_splay_percent: { to: ['scheduler', 'splay_percent'], as: number },
  schedule_default_interval: { to: ['scheduler', 'default_interval'], as: number },
  schedule_epoch: { to: ['scheduler', 'epoch'], as: number },
  pack_delimiter: { to: ['scheduler', 'pack_delimiter'] },
  audit_allow_process_events: { to: ['collect', 'process'], as: unlessFalse },
  audit_allow_sockets: { to: ['collect', 'socket'], as: unlessFalse },
  audit_allow_unix: { to: ['collect', 'unix_sockets'], as: truth },
  enable_syslog: {
    to: ['host_events', 'syslog_pipe'],
    as: (value, all) =>
      truth(value) ? (all.syslog_pipe_path ?? '/var/osquery/syslog_pipe') : undefined,
  },
  enable_file_events: { to: ['collect', 'file'], as: unlessFalse },
  disable_events: { to: ['provider'], as: (value) => (truth(value) ? 'off' : undefined) },
};

/** What osquery's `events.disable_subscribers` switches off here. */
const SUBSCRIBERS: Readonly<Record<string, JsonPath>> = {
  process_events: ['collect', 'process'],
  socket_events: ['collect', 'socket'],
  file_events: ['collect', 'file'],
  process_file_events: ['collect', 'file'],
  hardware_events: ['host_events', 'hardware'],
};

/** Flags that ask for what weir does anyway, or switch off what it does not have. */
const ALREADY_SO = new Set([
  ...['config_plugin', 'utc', 'disable_audit', 'audit_persist', 'audit_allow_config'],
  ...['enable_bpf_events', 'enable_monitor', 'worker_threads', 'events_optimize'],
  ...['audit_allow_user_events', 'audit_allow_selinux_events', 'audit_allow_apparmor_events'],
  ...['audit_allow_seccomp_events', 'syslog_pipe_path'],
  ...['audit_allow_fim_events', 'disable_watchdog', 'schedule_reload', 'schedule_timeout'],
]);

const INSTEAD: Readonly<Record<string, string>> = {
  events_expiry: 'store.max_age says how long events are kept',
  events_max: 'store.max_bytes says how much is kept',
  database_path: 'state_dir says where state is kept',
  extensions_socket: 'socket says where weir listens',
  logger_syslog_facility: 'logger.syslog says facility and cee',
  logger_syslog_prepend_cee: 'logger.syslog says facility and cee',
  syslog_rate_limit: 'host_events.rate_limit says how many rows a second are kept',
  schedule_max_drift: 'a query that is late runs once',
};

/**
 * Moves osquery's options to the settings that they are called here. What the document sets itself
 * wins over its options.
 *
 * @returns a copy of the document with those settings, and a warning for each option without effect
 */
export function applyOsqueryOptions(document: Readonly<Record<string, unknown>>): {
  readonly document: Record<string, unknown>;
  readonly warnings: readonly OptionWarning[];
} {
  const result = structuredClone(document) as Record<string, unknown>;
  const warnings: OptionWarning[] = [];
  delete result.events;
  for (const name of disabledSubscribers(document.events)) {
    const to = SUBSCRIBERS[name];
    if (to !== undefined) setDefault(result, to, false);
  }
  const options = document.options;
  if (typeof options !== 'object' || options === null) return { document: result, warnings };
  const all = options as Record<string, Value>;
  for (const [option, value] of Object.entries(all)) {
    const moves = MOVES[option];
    if (moves !== undefined) {
      for (const move of [moves].flat()) {
        const moved = move.as === undefined ? value : move.as(value, all);
        if (moved !== undefined) setDefault(result, move.to, moved);
      }
    } else if (!ALREADY_SO.has(option)) {
      warnings.push({ option, message: unused(option) });
    }
  }
  return { document: result, warnings };
}

function disabledSubscribers(events: unknown): readonly string[] {
  const list = (events as { disable_subscribers?: unknown } | undefined)?.disable_subscribers;
  return Array.isArray(list) ? list.map(String) : [];
}

function unused(option: string): string {
  const instead = INSTEAD[option];
  if (instead !== undefined) return `has no effect: ${instead}`;
  const near = suggest(option, [...Object.keys(MOVES), ...ALREADY_SO]);
  return `has no effect here${near === undefined ? '' : `: did you mean ${near}?`}`;
}

function setDefault(document: Record<string, unknown>, path: JsonPath, value: unknown): void {
  let at = document;
  for (const step of path.slice(0, -1)) {
    const next = at[step] ?? {};
    if (typeof next !== 'object') return; // wrong anyway: the schema will say so
    at[step] = next;
    at = next as Record<string, unknown>;
  }
  const last = path[path.length - 1] as string;
  if (at[last] === undefined) at[last] = value;
}
