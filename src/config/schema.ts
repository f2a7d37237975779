/**
 * What the configuration document may hold. Config keeps the document's own names, so that a
 * setting has one name everywhere; docs/configuration.md explains each.
 */
import { z } from 'zod';
import { BEHAVIOR_NAMES, BEHAVIORS, type BehaviorName } from './behaviors.ts';
import { KERNEL_ACTION_NAMES } from './kernel-actions.ts';
import {
  absolutePath,
  bytes,
  categories,
  cgroup,
  container,
  duration,
  extension,
  fileId,
  milliseconds,
  moment,
  mountNamespace,
  network,
  pattern,
  port,
  tcpAddress,
  tree,
  uid,
  wholeNumber,
} from './schema-values.ts';

export const TABLE_NAMES = [
  'process_events',
  'process_lifecycle_events',
  'socket_events',
  'dns_events',
  'file_events',
  'process_file_events',
  'kernel_events',
  'behavior_events',
] as const;

export const ACTION_NAMES = [
  ...['exec', 'fork', 'exit'],
  ...['connect', 'accept', 'bind', 'listen', 'send', 'close'],
  ...['question', 'answer'],
  ...['create', 'open_write', 'open_read', 'close_write', 'rename', 'unlink', 'link', 'symlink'],
  ...['mkdir', 'rmdir', 'mknod', 'chmod', 'chown', 'truncate', 'mmap_write', 'attributes'],
  ...KERNEL_ACTION_NAMES,
  ...BEHAVIOR_NAMES,
] as const;

/** Sources of events; `auto`: eBPF where it can be had. */
export const PROVIDERS = ['auto', 'ebpf', 'netlink', 'off'] as const;

const VIEW = 'names of letters, digits and _, each with a SELECT';
const CONSTRUCTED = 'names of letters, digits and _, each with `query`, `path` and `columns`';
const COLUMN = 'a name of letters, digits and _';
const EVERY = 'intervals in seconds, multiples of 60, each with a list of queries';
const texts = z.array(z.string().min(1), { error: 'a list of queries' });

export const SYSLOG_FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron'],
  ...['authpriv', 'ftp', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6'],
  'local7',
] as const;

const format = z.enum(['osquery', 'ecs', 'ocsf']).default('osquery');

/** Somewhere lines go: false, true for its defaults, or its settings. Becomes settings, or null. */
function sink<T extends z.core.$ZodLooseShape>(shape: T) {
  const settings = z.strictObject({ format, ...shape });
  return z
    .preprocess(
      (value) => (value === true ? {} : value === false || value === undefined ? null : value),
      settings.nullable(),
    )
    .prefault(null);
}

/** Where an exclusion works: events are not kept, nothing is detected, nothing is done about it. */
export const EXCLUSION_SCOPES = ['collection', 'detection', 'response'] as const;

/** All conditions of a rule must hold for an event to be left out. */
const exclusion = z.strictObject({
  /** Default: made of the conditions. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
      error: 'up to 64 letters, digits, -, _ and .; the first a letter or digit',
    })
    .optional(),
  scope: z.enum(EXCLUSION_SCOPES).optional(), // default: collection
  path: pattern.optional(), // file events: the file
  extension: extension.optional(), // file events: what the file's name ends with
  executable: pattern.optional(), // of the acting process
  executable_file: fileId.optional(), // the same, whatever it is called
  /** Of the acting process; beside `executable` the default is the host's. */
  mount_namespace: mountNamespace.optional(),
  tree: tree.optional(), // a process and all that it started
  uid: uid.optional(),
  user: z.string().min(1).optional(),
  cgroup: cgroup.optional(),
  container: container.optional(),
  port: port.optional(), // socket events: either end
  address: network.optional(), // socket events: the other end
  /** Detection and response: name of the rule; * stands for any text. */
  query: z.string().min(1).max(256).optional(),
  actions: z.array(z.enum(ACTION_NAMES)).min(1).optional(),
  tables: z.array(z.enum(TABLE_NAMES)).min(1).optional(),
  reason: z.string().max(1000).optional(),
  created: moment.optional(),
  expires: moment.optional(),
  /** It is meant to hold for everything. */
  force: z.boolean().optional(),
});

/** One kind of behaviour: how much of it is too much (0: it is not judged), and what then. */
const behavior = (threshold: number) =>
  z
    .strictObject({
      threshold: wholeNumber(0, 1_000_000).default(threshold),
      respond: z.enum(['alert', 'stop', 'kill']).default('alert'),
    })
    .prefault({});

const behaviors = {
  ransomware: behavior(BEHAVIORS.ransomware),
  mass_rename: behavior(BEHAVIORS.mass_rename),
  mass_delete: behavior(BEHAVIORS.mass_delete),
  mass_rewrite: behavior(BEHAVIORS.mass_rewrite),
  port_sweep: behavior(BEHAVIORS.port_sweep),
  address_sweep: behavior(BEHAVIORS.address_sweep),
  exec_burst: behavior(BEHAVIORS.exec_burst),
  setuid_burst: behavior(BEHAVIORS.setuid_burst),
} satisfies Record<BehaviorName, unknown>;

const response = z.strictObject({
  enabled: z.boolean().default(false),
  /** Says what would be done, and does not. */
  dry_run: z.boolean().default(false),
  /** Executables that are never killed or stopped, beside those of the system. */
  protected: z.array(absolutePath).default([]),
  /** So many responses within the interval, all kinds together. */
  limit: wholeNumber(1, 100_000).default(10),
  limit_interval: duration.prefault('1m'),
  /** What rules may run, by the name that they give. */
  commands: z
    .record(
      z.string().regex(/^[\w-]{1,64}$/, { error: 'names of letters, digits, _ and -' }),
      z.strictObject({
        command: absolutePath,
        arguments: z.array(z.string()).default([]),
        timeout_ms: milliseconds(100, 600_000).default(10_000),
      }),
    )
    .default({}),
});

const collect = z.strictObject({
  process: z.boolean().default(true), // fork, exec, exit
  socket: z.boolean().default(true),
  file: z.boolean().default(true),
  kernel: z.boolean().default(true), // credentials, ptrace, signals, modules, mounts, ...
  dns: z.boolean().default(true), // questions and answers on port 53
  behavior: z.boolean().default(true), // verdicts on what process, socket and file see
  host: z.boolean().default(true), // devices, logins, denials, ...: `host_events` says which
  unix_sockets: z.boolean().default(true),
  /** Outside of these nothing is watched. Empty: everything is. */
  only: z
    .strictObject({
      cgroups: z.array(cgroup).default([]),
      executables: z.array(absolutePath).default([]),
    })
    .prefault({}),
  /** Opens for reading are events below these. */
  read_paths: z.array(pattern).default([]),
});

/** Limits of one table, in place of (max_age) or beside (max_bytes) those of the whole store. */
const tableLimits = z
  .strictObject({ max_age: duration.optional(), max_bytes: bytes.optional() })
  .optional();

/** Whole packs and queries are checked by the rooms that run them: here only their shape. */
const query = z.looseObject({ query: z.string().min(1) });

export const configSchema = z.strictObject({
  state_dir: absolutePath.default('/var/lib/weir'),
  socket: absolutePath.optional(), // default: weir.sock in state_dir
  /** `hostname`, `uuid` (machine id), or any other text as it is. */
  host_identifier: z.string().min(1).default('hostname'),
  provider: z.enum(PROVIDERS).default('auto'),
  sensor: z
    .strictObject({
      /** Best hooks to try: trampolines, kprobes, or tracepoints alone. */
      tiers: z.enum(['best', 'kprobe', 'tracepoint']).default('best'),
      /** Opens and closes of one file by one process: rows of their own up to `burst` a second, then
       * one an interval, with a count. Off with interval_ms 0, or while debounce is off. */
      repeats: z
        .strictObject({
          burst: wholeNumber(1, 1_000_000).default(64),
          interval_ms: milliseconds(0, 60_000).default(100),
        })
        .prefault({}),
      /** Events a second of one session, and of one cgroup; programs, forks and exits are exempt.
       * 0: no limit. */
      rate_limit: z
        .strictObject({
          tree: wholeNumber(0, 100_000_000).default(200_000),
          cgroup: wholeNumber(0, 100_000_000).default(400_000),
          burst: wholeNumber(1, 100_000_000).default(1_000_000),
        })
        .prefault({}),
    })
    .prefault({}),
  collect: collect.prefault({}),
  /** Verdicts that the kernel counts up to; see docs/detections.md. */
  behavior: z
    .strictObject({
      window_ms: milliseconds(100, 3_600_000).default(10_000),
      exec_window_ms: milliseconds(100, 3_600_000).default(1000),
      /** Thresholds of a cgroup are so many times those of a process tree; 0: cgroups are not judged. */
      cgroup_factor: wholeNumber(0, 1000).default(4),
      ...behaviors,
    })
    .prefault({}),
  /** What may be done about detections; see docs/response.md. */
  response: response.prefault({}),
  exclude: z.array(exclusion).default([]),
  debounce: z
    .strictObject({
      window_ms: milliseconds(0, 3_600_000).default(10_000), // 0: off
      entries: wholeNumber(1024, 1 << 20).default(65_536),
    })
    .prefault({}),
  send_window_ms: milliseconds(0, 3_600_000).default(10_000),
  /** Where rows of host_events come from; while collect.host is true. */
  host_events: z
    .strictObject({
      hardware: z.boolean().default(true), // devices: udev, or the kernel
      audit: z.boolean().default(true), // records that others ask for; read only
      logins: z.boolean().default(true), // wtmp and btmp
      journal: z.boolean().default(false), // lines of the journal
      syslog_pipe: absolutePath.optional(), // lines that rsyslog writes there
      /** Rows a second of one topic; 0: no limit. */
      rate_limit: wholeNumber(0, 1_000_000).default(1000),
    })
    .prefault({}),
  file_paths: categories.default({}),
  /** Queries that are asked at start: what they have in `path` is added to the category. */
  file_paths_query: z
    .record(z.string(), z.array(z.string().min(1)), {
      error: 'categories, each with a list of queries',
    })
    .default({}),
  exclude_paths: categories.default({}),
  file_accesses: z.array(z.string()).default([]),
  schedule: z.record(z.string(), query).default({}),
  packs: z
    .record(
      z.string(),
      z.union([z.string().min(1), z.looseObject({})], {
        error: 'a pack, the path of a pack file, or (for the key "*") a glob of pack files',
      }),
    )
    .default({}),
  /** Files and folders with rules in Sigma's form, which run as streaming rules. */
  sigma: z.strictObject({ rules: z.array(z.string().min(1)).default([]) }).prefault({}),
  /** osquery's: tables that are queries of other SQLite files. */
  auto_table_construction: z
    .record(
      z.string().regex(/^[A-Za-z_]\w{0,62}$/, { error: CONSTRUCTED }),
      z.strictObject({
        query: z.string().min(1),
        path: z.string().regex(/^(?:\/[^\0]*)$/, { error: 'an absolute path, or one with %' }),
        columns: z
          .array(z.string().regex(/^[A-Za-z_]\w{0,62}$/, { error: COLUMN }))
          .min(1)
          .max(200),
        platform: z.string().optional(),
      }),
      { error: CONSTRUCTED },
    )
    .default({}),
  /** Named SELECTs that queries may read like tables. */
  views: z
    .record(z.string().regex(/^[A-Za-z_]\w{0,62}$/, { error: VIEW }), z.string().min(1), {
      error: VIEW,
    })
    .default({}),
  /** osquery's: signatures by group, and the groups that are applied to categories of file_paths. */
  yara: z
    .strictObject({
      signatures: z.record(z.string().min(1), z.array(z.string().min(1))).default({}),
      file_paths: z.record(z.string(), z.array(z.string())).default({}),
      signature_urls: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** Queries whose first row is added to every log line. */
  decorators: z
    .strictObject({
      load: texts.default([]),
      always: texts.default([]),
      interval: z
        .record(z.string().regex(/^[1-9]\d{0,4}$/, { error: EVERY }), texts)
        .refine((all) => Object.keys(all).every((key) => Number(key) % 60 === 0), { error: EVERY })
        .default({}),
    })
    .prefault({}),
  /** osquery's flags; those with an equal here are moved there before this schema is applied. */
  options: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], { error: 'text, a number, true or false' }),
    )
    .default({}),
  scheduler: z
    .strictObject({
      splay_percent: wholeNumber(0, 100).default(10),
      default_interval: wholeNumber(1, 604_800).default(3600), // seconds
      epoch: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
      pack_delimiter: z.string().min(1).default('_'),
    })
    .prefault({}),
  store: z
    .strictObject({
      max_age: duration.prefault('30d'), // seconds; 0: no limit
      max_bytes: bytes.prefault('2GiB'), // 0: no limit
      flush_ms: milliseconds(10, 1000).default(1000),
      /** Views share rows: file_events those of process_file_events, and signal_events and its
       * like those of kernel_events. */
      tables: z
        .strictObject({
          process_events: tableLimits,
          process_lifecycle_events: tableLimits,
          process_seen: tableLimits,
          socket_events: tableLimits,
          dns_events: tableLimits,
          process_file_events: tableLimits,
          kernel_events: tableLimits,
          behavior_events: tableLimits,
          host_events: tableLimits,
        })
        .prefault({}),
    })
    .prefault({}),
  /** Folder of user's own tables, TypeScript or JavaScript files. */
  tables: z.strictObject({ directory: absolutePath.optional() }).prefault({}),
  /** Near them the daemon does less, step by step, and says so: rules, then classes of events. */
  limits: z
    .strictObject({
      memory: bytes.prefault('352MiB'), // resident; 0: no limit
      cpu_percent: wholeNumber(0, 100_000).default(0), // of one processor, over 5 s; 0: no limit
    })
    .prefault({}),
  /** Members of the group may change things through the socket (reload, provider, detections),
   * as root may; without one, root alone. Asking is up to the socket's own group, weir. */
  control: z.strictObject({ group: z.string().min(1).optional() }).prefault({}),
  /** Prometheus' /metrics is always on the socket; here also on TCP. */
  metrics: z.strictObject({ listen: tcpAddress.optional() }).prefault({}),
  query: z
    .strictObject({
      timeout_ms: milliseconds(1, 86_400_000).default(60_000),
      max_rows: wholeNumber(1, 1_000_000_000).default(1_000_000),
      workers: wholeNumber(1, 64).default(2),
      max_temporary_bytes: bytes.prefault('1GiB'), // of all queries that run, together
    })
    .prefault({}),
  results: z
    .strictObject({
      client: z.enum(['sqlite', 'pg']).default('sqlite'),
      /** sqlite: file, default results.db in state_dir. pg: connection string. */
      connection: z.string().min(1).optional(),
    })
    .refine((r) => r.client !== 'pg' || r.connection !== undefined, {
      error: 'client "pg" needs a connection string, such as postgres://weir@db.example/weir',
      path: ['connection'],
    })
    .prefault({}),
  logger: z
    .strictObject({
      /** Folder for weir.results.log and weir.snapshots.log; null: no files. */
      path: absolutePath.nullable().optional(), // default: log in state_dir
      /** Of those files; the others say their own. */
      format,
      rotate: z
        .strictObject({
          max_bytes: bytes.prefault('25MiB'), // 0: never
          keep: wholeNumber(0, 1000).default(25),
          compress: z.boolean().default(true),
        })
        .prefault({}),
      stdout: sink({}),
      syslog: sink({
        socket: absolutePath.default('/dev/log'),
        facility: z.enum(SYSLOG_FACILITIES).default('local3'), // osquery's
        tag: z
          .string()
          .regex(/^[\x21-\x7e]{1,32}$/, { error: 'up to 32 visible ASCII characters' })
          .default('weir'),
        cee: z.boolean().default(false),
      }),
      journald: sink({
        socket: absolutePath.default('/run/systemd/journal/socket'),
        identifier: z.string().min(1).max(255).default('weir'),
      }),
      decorations_top_level: z.boolean().default(false),
      event_type: z.boolean().default(true), // false: one line per query run
      snapshot_event_type: z.boolean().default(false), // true: one line per snapshot row
      numerics: z.boolean().default(false), // true: numbers without quotes
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
    })
    .prefault({}),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

type Parsed = DeepReadonly<z.output<typeof configSchema>>;

/** A checked configuration with every default filled in. Durations are seconds unless named _ms. */
export type Config = Omit<Parsed, 'socket' | 'logger'> & {
  readonly socket: string;
  readonly logger: Omit<Parsed['logger'], 'path'> & { readonly path: string | null };
};

export type ExclusionRule = Config['exclude'][number];
export type TableName = (typeof TABLE_NAMES)[number];
