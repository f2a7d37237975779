/** Flags that several commands have. */
import type { FlagSpec } from './command.ts';

/** One that is there or not. */
export const flag = (name: string, summary: string): FlagSpec => ({
  name,
  type: 'boolean',
  summary,
});
/** One with a value, which usage calls `value`. */
export const valued = (name: string, value: string, summary: string): FlagSpec => ({
  name,
  type: 'string',
  value,
  summary,
});

export const STATE_DIR: FlagSpec = valued(
  'state-dir',
  'DIR',
  'where the daemon keeps its databases and socket (default /var/lib/weir)',
);
export const CONFIG: FlagSpec = valued(
  'config',
  'FILE',
  'configuration (default /etc/weir/weir.json when there is one)',
);
const SOCKET: FlagSpec = valued(
  'socket',
  'FILE',
  'where the daemon listens (default: as configured, or weir.sock in the state directory)',
);
/** Where the daemon is, for those that ask it. */
export const PLACES: readonly FlagSpec[] = [STATE_DIR, SOCKET, CONFIG];
export const FORMATS: readonly FlagSpec[] = [
  flag('table', 'a drawn table (default)'),
  flag('json', 'an array of objects'),
  flag('json-pretty', 'the same, a value a line'),
  flag('csv', 'RFC 4180, with a heading'),
  flag('line', 'one "column = value" a line'),
  flag('list', 'values with a bar between them'),
  flag('column', 'aligned columns without a frame'),
  flag('markdown', 'a Markdown table'),
  flag('header', 'names of columns (default; --no-header: none)'),
  valued('separator', 'TEXT', 'between the fields of csv and list'),
  valued('nullvalue', 'TEXT', 'what NULL is shown as'),
];
/** What is asked other than by SQL, and where the answer goes. */
export const INSTEAD: readonly FlagSpec[] = [
  valued('query', 'SQL', 'as SQL without a flag'),
  valued('query-file', 'FILE', 'SQL that is in a file'),
  { name: 'all', short: 'A', type: 'string', value: 'TABLE', summary: 'every column of the table' },
  valued('pack', 'NAME', 'each query of the pack: one of the configuration, or a file'),
  valued('output', 'FILE', 'write rows there; the file is replaced when they are whole'),
];
