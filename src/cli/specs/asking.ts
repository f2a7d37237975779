/** Commands that ask for rows. */
import { type CommandSpec, NO_ARGUMENTS } from '../command.ts';
import { FORMATS, flag, INSTEAD, PLACES, STATE_DIR, valued } from '../flags.ts';

export const QUERY: CommandSpec = {
  name: 'query',
  summary: 'run SQL',
  args: '[SQL]',
  minArgs: 0,
  maxArgs: 1,
  flags: [
    ...FORMATS,
    ...INSTEAD,
    flag('stats', 'rows, time, blocks and rows scanned on standard error'),
    valued('timeout', 'SECONDS', 'give up after this (default: the daemon’s; 0: never)'),
    ...PLACES,
  ],
  details:
    'Asks the running daemon, or reads the store itself when none runs; without either it asks the host\n' +
    'alone, and event tables are empty. Without SQL it is read from standard input. Integers\n' +
    'beyond 2^53 are strings in JSON.',
  examples: [
    `weir query "SELECT pid, path, cmdline FROM process_events ORDER BY time DESC LIMIT 10"`,
    `weir query --json 'SELECT * FROM weir_loss' | jq .`,
  ],
  load: () => import('../query.ts'),
};

export const SHELL: CommandSpec = {
  name: 'shell',
  summary: 'ask in SQL, interactively',
  args: '[SQL]',
  minArgs: 0,
  maxArgs: 1,
  flags: [
    ...FORMATS,
    ...INSTEAD,
    { name: 'tables', short: 'L', type: 'boolean', summary: 'names of all tables' },
    ...PLACES,
  ],
  details:
    'A statement ends with a semicolon and may have many lines. Ctrl-C cancels a running query,\n' +
    'Ctrl-D leaves. .help lists the other commands.',
  examples: ['weir shell', "weir shell '.schema processes'"],
  load: () => import('../shell.ts'),
};

export const TAIL: CommandSpec = {
  name: 'tail',
  summary: 'show events as they happen',
  args: '[TABLE]',
  minArgs: 0,
  maxArgs: 1,
  flags: [
    valued('where', 'EXPRESSION', 'only rows for which this SQL expression holds'),
    flag('json', 'JSON lines on a terminal too'),
    ...PLACES,
  ],
  details:
    'Without TABLE: process_events, socket_events, process_file_events and kernel_events together. One line per\n' +
    'event on a terminal, JSON lines in a pipe.',
  examples: [
    'weir tail',
    `weir tail socket_events --where "action = 'connect' AND remote_port = 443"`,
  ],
  load: () => import('../tail.ts'),
};

export const EXPORT: CommandSpec = {
  name: 'export',
  summary: 'write stored events to a file',
  ...NO_ARGUMENTS,
  flags: [
    valued('table', 'TABLE', 'which events'),
    valued('since', 'TIME', 'from this time on: so long ago (90s, 15m, 1h, 7d, 2w) or ISO 8601'),
    valued('until', 'TIME', 'before this time'),
    valued('where', 'EXPRESSION', 'only rows for which this SQL expression holds'),
    valued('format', 'FORMAT', 'jsonl (default; import-events reads it), csv, parquet'),
    valued('output', 'FILE', 'replaced when the export is complete (default: standard output)'),
    ...PLACES,
  ],
  details:
    'All columns, hidden ones too, in the order of events. Memory stays bounded whatever the size.\n' +
    'Integers beyond 2^53 are strings in jsonl. A time without a zone is local.',
  examples: [
    'weir export --table process_events --since 1h | gzip > hour.jsonl.gz',
    'weir export --table socket_events --format parquet --output sockets.parquet',
  ],
  load: () => import('../export.ts'),
};

export const IMPORT_EVENTS: CommandSpec = {
  name: 'import-events',
  summary: 'read exported events into a store',
  args: 'FILE...',
  minArgs: 1,
  maxArgs: Number.POSITIVE_INFINITY,
  flags: [
    { ...STATE_DIR, summary: 'where the store is, or will be made' },
    flag('append', 'also into a store that holds events'),
  ],
  details:
    'Files are what "weir export --format jsonl" wrote; - is standard input. Events keep their times\n' +
    'and ids and get new seqs; several files are merged by their old ones. No daemon may run there.',
  examples: ['weir import-events --state-dir ./case-7 processes.jsonl sockets.jsonl'],
  load: () => import('../import-events.ts'),
};
