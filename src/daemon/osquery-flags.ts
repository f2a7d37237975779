/** osquery's flags that mean something here: each with what it comes to in a configuration. */
import type { Config } from '../config/schema.ts';
import type { FlagFacts } from '../tables/state/own/osquery-state.ts';

interface Flag {
  readonly type: 'bool' | 'string' | 'uint64';
  /** osquery's own words. */
  readonly description: string;
  readonly read: (config: Config) => string | number | boolean;
}

const bool = (description: string, read: (config: Config) => boolean): Flag => ({
  type: 'bool',
  description,
  read,
});
const text = (description: string, read: (config: Config) => string): Flag => ({
  type: 'string',
  description,
  read,
});
const whole = (description: string, read: (config: Config) => number): Flag => ({
  type: 'uint64',
  description,
  read,
});

function loggerPlugins({ logger }: Config): string {
  const plugins = [];
  if (logger.path !== null) plugins.push('filesystem');
  if (logger.stdout !== null) plugins.push('stdout');
  if (logger.syslog !== null) plugins.push('syslog');
  return plugins.join(',');
}

const FLAGS: Readonly<Record<string, Flag>> = {
  host_identifier: text(
    'Field used to identify the host running osquery (hostname, uuid, instance, ephemeral, specified)',
    ({ host_identifier: id }) => (id === 'hostname' || id === 'uuid' ? id : 'specified'),
  ),
  specified_identifier: text(
    'Field used to specify the host_identifier when set to "specified"',
    ({ host_identifier: id }) => (id === 'hostname' || id === 'uuid' ? '' : id),
  ),
  logger_plugin: text('Logger plugin name', loggerPlugins),
  logger_path: text(
    'Directory path for ERROR/WARN/INFO and results logging',
    (c) => c.logger.path ?? '',
  ),
  logger_event_type: bool('Log scheduled results as events', (c) => c.logger.event_type),
  logger_snapshot_event_type: bool(
    'Log scheduled snapshot results as events',
    (c) => c.logger.snapshot_event_type,
  ),
  logger_numerics: bool('Use numeric JSON syntax for numeric values', (c) => c.logger.numerics),
  logger_rotate: bool('Use filesystem log rotation', (c) => c.logger.rotate.max_bytes > 0),
  logger_rotate_size: whole(
    'Size for each filesystem log in bytes',
    (c) => c.logger.rotate.max_bytes,
  ),
  logger_rotate_max_files: whole(
    'Max number of files to keep in rotation',
    (c) => c.logger.rotate.keep,
  ),
  decorations_top_level: bool(
    'Add decorators as top level JSON objects',
    (c) => c.logger.decorations_top_level,
  ),
  disable_logging: bool('Disable ERROR/INFO logging', (c) => c.logger.path === null),
  verbose: bool('Enable verbose informational messages', ({ logger: { level } }) =>
    ['debug', 'trace'].includes(level ?? ''),
  ),
  schedule_splay_percent: whole('Percent to splay config times', (c) => c.scheduler.splay_percent),
  schedule_default_interval: whole(
    'Query interval to use if none is provided',
    (c) => c.scheduler.default_interval,
  ),
  schedule_epoch: whole('Epoch for scheduled queries', (c) => c.scheduler.epoch),
  pack_delimiter: text('Delimiter for pack and query names', (c) => c.scheduler.pack_delimiter),
  audit_allow_process_events: bool(
    'Allow the audit publisher to install process-related rules',
    (c) => c.collect.process,
  ),
  audit_allow_sockets: bool(
    'Allow the audit publisher to install socket-related rules',
    (c) => c.collect.socket,
  ),
  audit_allow_unix: bool(
    'Allow socket events to collect domain sockets',
    (c) => c.collect.unix_sockets,
  ),
  audit_allow_fim_events: bool(
    'Allow the audit publisher to install filesystem-related rules',
    (c) => c.collect.file,
  ),
  enable_file_events: bool('Enables the file_events publisher', (c) => c.collect.file),
  enable_syslog: bool(
    'Enable the syslog ingestion event publisher',
    (c) => c.host_events.syslog_pipe !== undefined,
  ),
  syslog_pipe_path: text(
    'Path to the named pipe used for forwarding rsyslog events',
    (c) => c.host_events.syslog_pipe ?? '/var/osquery/syslog_pipe',
  ),
  disable_events: bool('Disable osquery publish/subscribe system', (c) => c.provider === 'off'),
};

/** What they come to; as their default, with nothing configured. */
export function osqueryFlags(config: Config, defaults: Config): FlagFacts[] {
  return Object.entries(FLAGS).map(([name, { type, description, read }]) => ({
    name,
    type,
    description,
    value: String(read(config)),
    defaultValue: String(read(defaults)),
  }));
}
