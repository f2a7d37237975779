/** Commands about what rules find. */
import type { CommandSpec } from '../command.ts';
import { CONFIG, FORMATS, flag, PLACES, STATE_DIR, valued } from '../flags.ts';

export const DETECTIONS: CommandSpec = {
  name: 'detections',
  summary: 'what rules have found, and its status',
  args:
    '[list | show ID | acknowledge ID... | close ID... | false-positive ID... | reopen ID... |\n' +
    '  suppress [COLUMN=TEXT | COLUMN~PATTERN]... | suppressions | unsuppress ID...]',
  minArgs: 0,
  maxArgs: Number.POSITIVE_INFINITY,
  flags: [
    valued('status', 'STATUS', 'list only: new, acknowledged, closed, false_positive'),
    valued('rule', 'RULE', 'suppress: rows of this one'),
    valued('for', 'TIME', 'suppress: so long, such as 12h or 7d'),
    valued('reason', 'TEXT', 'suppress: why, for the list'),
    flag('json', 'JSON, with rows as objects'),
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
  load: () => import('../detections.ts'),
};

export const EXPLAIN: CommandSpec = {
  name: 'explain',
  summary: 'show what led to a detection and what happened around it',
  args: 'ID',
  minArgs: 1,
  maxArgs: 1,
  flags: [
    valued('html', 'FILE', 'write it as one page for a browser (-: to standard output)'),
    ...PLACES,
  ],
  details:
    'Draws the process with its ancestors and what it started, and lists what these did from a minute\n' +
    'before to a minute after: programs, files, sockets, names asked for, calls into the kernel. The page\n' +
    'of --html needs nothing else, asks no network, and is readable for its owner alone.',
  examples: ['weir explain 12', 'weir explain 12 --html detection-12.html'],
  load: () => import('../explain.ts'),
};

export const PACK: CommandSpec = {
  name: 'pack',
  summary: 'check packs of queries',
  args: 'check FILE...',
  minArgs: 2,
  maxArgs: Number.POSITIVE_INFINITY,
  flags: [
    flag('compat', 'run each query of files and folders here, and say what is missing'),
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
  load: () => import('../pack.ts'),
};

export const SIGMA: CommandSpec = {
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
  load: () => import('../sigma.ts'),
};
