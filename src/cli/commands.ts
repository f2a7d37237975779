import type { CommandSpec } from './command.ts';
import { CONFIGURING } from './config/spec.ts';
import { EXCLUSIONS } from './exclusions/spec.ts';
import { CONFIG, FORMATS, INSTEAD, PLACES, STATE_DIR } from './flags.ts';
import { TOP } from './top/spec.ts';

/** Every command of weir: the one place that usage, parsing and documentation come from. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'daemon',
    summary: 'watch this host, in the foreground',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [CONFIG, STATE_DIR],
    details:
      'Logs go to standard error. One line with the word ready goes to standard output once events\n' +
      'can be seen. SIGTERM and SIGINT write what is pending and end with 0.',
    examples: ['weir daemon --config /etc/weir/weir.json'],
    load: () => import('./daemon.ts'),
  },
  {
    name: 'query',
    summary: 'run SQL',
    args: '[SQL]',
    minArgs: 0,
    maxArgs: 1,
    flags: [
      ...FORMATS,
      ...INSTEAD,
      {
        name: 'stats',
        type: 'boolean',
        summary: 'rows, time, blocks and rows scanned on standard error',
      },
      {
        name: 'timeout',
        type: 'string',
        value: 'SECONDS',
        summary: 'give up after this (default: the daemon’s; 0: never)',
      },
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
    load: () => import('./query.ts'),
  },
  {
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
    load: () => import('./shell.ts'),
  },
  {
    name: 'tail',
    summary: 'show events as they happen',
    args: '[TABLE]',
    minArgs: 0,
    maxArgs: 1,
    flags: [
      {
        name: 'where',
        type: 'string',
        value: 'EXPRESSION',
        summary: 'only rows for which this SQL expression holds',
      },
      { name: 'json', type: 'boolean', summary: 'JSON lines on a terminal too' },
      ...PLACES,
    ],
    details:
      'Without TABLE: process_events, socket_events, process_file_events and kernel_events together. One line per\n' +
      'event on a terminal, JSON lines in a pipe.',
    examples: [
      'weir tail',
      `weir tail socket_events --where "action = 'connect' AND remote_port = 443"`,
    ],
    load: () => import('./tail.ts'),
  },
  {
    name: 'detections',
    summary: 'what rules have found, and its status',
    args:
      '[list | show ID | acknowledge ID... | close ID... | false-positive ID... | reopen ID... |\n' +
      '  suppress [COLUMN=TEXT | COLUMN~PATTERN]... | suppressions | unsuppress ID...]',
    minArgs: 0,
    maxArgs: Number.POSITIVE_INFINITY,
    flags: [
      {
        name: 'status',
        type: 'string',
        value: 'STATUS',
        summary: 'list only: new, acknowledged, closed, false_positive',
      },
      { name: 'rule', type: 'string', value: 'RULE', summary: 'suppress: rows of this one' },
      {
        name: 'for',
        type: 'string',
        value: 'TIME',
        summary: 'suppress: so long, such as 12h or 7d',
      },
      { name: 'reason', type: 'string', value: 'TEXT', summary: 'suppress: why, for the list' },
      { name: 'json', type: 'boolean', summary: 'JSON, with rows as objects' },
      ...PLACES,
    ],
    details:
      'Repeats (of one process, or of an equal row) are one detection with a count until it is closed or a\n' +
      'false positive; then a new one begins. show adds the matching rows. The newest 1,000 are listed; the\n' +
      'table detections has all. suppress counts rows of a rule for a while instead of making detections of\n' +
      'them: all rows, or those whose columns are a text or fit a pattern with * and ?. Goes through the daemon, or to the results database when none runs.',
    examples: [
      'weir detections --status new',
      'weir detections close 12 13',
      "weir detections suppress path=/opt/backup/run --rule pack_weir-collection_archive --for 7d --reason 'new backup'",
    ],
    load: () => import('./detections.ts'),
  },
  {
    name: 'explain',
    summary: 'show what led to a detection and what happened around it',
    args: 'ID',
    minArgs: 1,
    maxArgs: 1,
    flags: [
      {
        name: 'html',
        type: 'string',
        value: 'FILE',
        summary: 'write it as one page for a browser (-: to standard output)',
      },
      ...PLACES,
    ],
    details:
      'Draws the process with its ancestors and what it started, and lists what these did from a minute\n' +
      'before to a minute after: programs, files, sockets, names asked for, calls into the kernel. The page\n' +
      'of --html needs nothing else, asks no network, and is readable for its owner alone.',
    examples: ['weir explain 12', 'weir explain 12 --html detection-12.html'],
    load: () => import('./explain.ts'),
  },
  {
    name: 'export',
    summary: 'write stored events to a file',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [
      { name: 'table', type: 'string', value: 'TABLE', summary: 'which events' },
      {
        name: 'since',
        type: 'string',
        value: 'TIME',
        summary: 'from this time on: so long ago (90s, 15m, 1h, 7d, 2w) or ISO 8601',
      },
      { name: 'until', type: 'string', value: 'TIME', summary: 'before this time' },
      {
        name: 'where',
        type: 'string',
        value: 'EXPRESSION',
        summary: 'only rows for which this SQL expression holds',
      },
      {
        name: 'format',
        type: 'string',
        value: 'FORMAT',
        summary: 'jsonl (default; import-events reads it), csv, parquet',
      },
      {
        name: 'output',
        type: 'string',
        value: 'FILE',
        summary: 'replaced when the export is complete (default: standard output)',
      },
      ...PLACES,
    ],
    details:
      'All columns, hidden ones too, in the order of events. Memory stays bounded whatever the size.\n' +
      'Integers beyond 2^53 are strings in jsonl. A time without a zone is local.',
    examples: [
      'weir export --table process_events --since 1h | gzip > hour.jsonl.gz',
      'weir export --table socket_events --format parquet --output sockets.parquet',
    ],
    load: () => import('./export.ts'),
  },
  {
    name: 'import-events',
    summary: 'read exported events into a store',
    args: 'FILE...',
    minArgs: 1,
    maxArgs: Number.POSITIVE_INFINITY,
    flags: [
      { ...STATE_DIR, summary: 'where the store is, or will be made' },
      { name: 'append', type: 'boolean', summary: 'also into a store that holds events' },
    ],
    details:
      'Files are what "weir export --format jsonl" wrote; - is standard input. Events keep their times\n' +
      'and ids and get new seqs; several files are merged by their old ones. No daemon may run there.',
    examples: ['weir import-events --state-dir ./case-7 processes.jsonl sockets.jsonl'],
    load: () => import('./import-events.ts'),
  },
  {
    name: 'health',
    summary: 'say whether weir is well',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [
      { name: 'json', type: 'boolean', summary: 'everything, as an object' },
      {
        name: 'field',
        type: 'string',
        value: 'NAME',
        summary: 'only this one; dots lead into it, as in store.rows',
      },
      ...PLACES,
    ],
    details:
      'Ends with 0 when healthy, else with 1, also when no daemon runs. Warnings do not change that.\n' +
      'The same is in the table weir_health, and for Prometheus at /metrics.',
    examples: ['weir health', 'weir health --field healthy', 'weir health --json | jq .issues'],
    load: () => import('./health.ts'),
  },
  {
    name: 'doctor',
    summary: 'examine this host, and say why a table is empty',
    args: '[TABLE]',
    minArgs: 0,
    maxArgs: 1,
    flags: [
      { name: 'json', type: 'boolean', summary: 'findings and hooks, as an object' },
      {
        name: 'fix',
        type: 'boolean',
        summary: 'remove audit rules that products which are gone left behind; asks first',
      },
      { name: 'yes', type: 'boolean', summary: 'with --fix: do not ask' },
      {
        name: 'clear-boot-guard',
        type: 'boolean',
        summary: 'let eBPF be tried again after the host went down',
      },
      ...PLACES,
    ],
    details:
      'Without TABLE: kernel, rights, disk, the hook of each event and why it is not a better one, and other\n' +
      'sensors with what they cost. With TABLE: why it has no rows, or what it leaves out. Works without a\n' +
      'daemon, too. Ends with 1 when something is broken, else with 0.',
    examples: ['weir doctor', 'weir doctor file_events', 'weir doctor --fix'],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'statistics',
    summary: 'where events come from, and what leaving them out would save',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [
      {
        name: 'seconds',
        type: 'string',
        value: 'N',
        summary: 'look back so far, 1 to 86400 (default 20)',
      },
      { name: 'json', type: 'boolean', summary: 'an array of objects' },
      ...PLACES,
    ],
    details:
      'The ten busiest files, folders, initiators, actions, system calls, remote addresses, ports and\n' +
      'containers by stored rows, each with the command that leaves just that out, and what it would save.\n' +
      'The table weir_hot_sources is the same of the last minute.',
    examples: ['weir statistics --seconds 300'],
    load: () => import('./statistics.ts'),
  },
  TOP,
  EXCLUSIONS,
  {
    name: 'diagnose',
    summary: 'gather what tells what is wrong, in one .tar.gz',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [
      {
        name: 'output',
        type: 'string',
        value: 'FILE',
        summary: 'where to (default weir-diagnose-TIME.tar.gz here; - is standard output)',
      },
      {
        name: 'with-events',
        type: 'boolean',
        summary: 'statistics and the newest rows of every event table, too',
      },
      ...PLACES,
    ],
    details:
      'Health, configuration without secrets, losses, coverage, store, kernel, BPF programs with run times,\n' +
      'end of the log; manifest.json says what each file is, and why one is missing. Works without a daemon.',
    examples: ['weir diagnose --output /tmp/weir.tar.gz'],
    load: () => import('./diagnose.ts'),
  },
  CONFIGURING,
  {
    name: 'reload',
    summary: 'make the daemon read its configuration again',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [{ name: 'json', type: 'boolean', summary: 'the changes as JSON' }, ...PLACES],
    details:
      'Prints what is different now, and what waits for a restart. A configuration with errors changes\n' +
      'nothing; they are printed, and it ends with 78.',
    examples: ['weir reload'],
    load: () => import('./reload.ts'),
  },
  {
    name: 'pack',
    summary: 'check packs of queries',
    args: 'check FILE...',
    minArgs: 2,
    maxArgs: Number.POSITIVE_INFINITY,
    flags: [
      {
        name: 'compat',
        type: 'boolean',
        summary: 'run each query of files and folders here, and say what is missing',
      },
      STATE_DIR,
      CONFIG,
    ],
    details:
      'Prints every problem, those of the SQL too, and ends with 0 or 78. With --compat every query that is\n' +
      'meant for this host is run as it is written: its rows and time, or the table, column or function that\n' +
      'is missing; ends with 1 unless all run. Event tables are those of the store, or empty.',
    examples: [
      'weir pack check queries/weir-execution.json',
      'weir pack check --compat /usr/share/osquery/packs',
    ],
    load: () => import('./pack.ts'),
  },
  {
    name: 'sigma',
    summary: 'check, convert or run Sigma rules',
    args: 'check|convert|run FILE|DIR',
    minArgs: 2,
    maxArgs: 2,
    flags: [...FORMATS, ...PLACES],
    details:
      'check says what cannot be converted and why. convert prints the others as a pack of streaming\n' +
      'rules. run asks them about all events that are stored. Ends with 78 when a rule was refused.',
    examples: ['weir sigma check /etc/weir/sigma', 'weir sigma convert rule.yml > pack.json'],
    load: () => import('./sigma.ts'),
  },
  {
    name: 'table',
    summary: 'check a file with tables of your own',
    args: 'check FILE',
    minArgs: 2,
    maxArgs: 2,
    flags: [],
    details:
      'Loads the file as the daemon would from tables.directory, and runs its tables and their examples\n' +
      'here. Ends with 0 or 78.',
    examples: ['weir table check /etc/weir/tables/leases.ts'],
    load: () => import('./table.ts'),
  },
  {
    name: 'start',
    summary: 'try weir: watch with the shipped pack and show what happens',
    args: '',
    minArgs: 0,
    maxArgs: 0,
    flags: [CONFIG, { ...STATE_DIR, summary: 'databases and socket (default .weir here)' }],
    details: 'Runs until Ctrl-C. What was seen stays in the state directory.',
    examples: ['weir start', 'npm start'],
    load: () => import('./start.ts'),
  },
];
