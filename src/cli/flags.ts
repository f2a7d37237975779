/** Flags that several commands have. */
import type { FlagSpec } from './command.ts';

export const STATE_DIR: FlagSpec = {
  name: 'state-dir',
  type: 'string',
  value: 'DIR',
  summary: 'where the daemon keeps its databases and socket (default /var/lib/weir)',
};
export const CONFIG: FlagSpec = {
  name: 'config',
  type: 'string',
  value: 'FILE',
  summary: 'configuration (default /etc/weir/weir.json when there is one)',
};
const SOCKET: FlagSpec = {
  name: 'socket',
  type: 'string',
  value: 'FILE',
  summary: 'where the daemon listens (default: as configured, or weir.sock in the state directory)',
};
/** Where the daemon is, for those that ask it. */
export const PLACES: readonly FlagSpec[] = [STATE_DIR, SOCKET, CONFIG];
export const FORMATS: readonly FlagSpec[] = [
  { name: 'table', type: 'boolean', summary: 'a drawn table (default)' },
  { name: 'json', type: 'boolean', summary: 'an array of objects' },
  { name: 'json-pretty', type: 'boolean', summary: 'the same, a value a line' },
  { name: 'csv', type: 'boolean', summary: 'RFC 4180, with a heading' },
  { name: 'line', type: 'boolean', summary: 'one "column = value" a line' },
  { name: 'list', type: 'boolean', summary: 'values with a bar between them' },
  { name: 'column', type: 'boolean', summary: 'aligned columns without a frame' },
  { name: 'markdown', type: 'boolean', summary: 'a Markdown table' },
  { name: 'header', type: 'boolean', summary: 'names of columns (default; --no-header: none)' },
  {
    name: 'separator',
    type: 'string',
    value: 'TEXT',
    summary: 'between the fields of csv and list',
  },
  { name: 'nullvalue', type: 'string', value: 'TEXT', summary: 'what NULL is shown as' },
];
/** What is asked other than by SQL, and where the answer goes. */
export const INSTEAD: readonly FlagSpec[] = [
  { name: 'query', type: 'string', value: 'SQL', summary: 'as SQL without a flag' },
  { name: 'query-file', type: 'string', value: 'FILE', summary: 'SQL that is in a file' },
  { name: 'all', short: 'A', type: 'string', value: 'TABLE', summary: 'every column of the table' },
  {
    name: 'pack',
    type: 'string',
    value: 'NAME',
    summary: 'each query of the pack: one of the configuration, or a file',
  },
  {
    name: 'output',
    type: 'string',
    value: 'FILE',
    summary: 'write rows there; the file is replaced when they are whole',
  },
];
