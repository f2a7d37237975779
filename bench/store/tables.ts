import type { Chunk, EventClass, EventRow } from './generator.ts';

/** One of the tables as all three engines have it; names of columns are those of weir's. */
export interface BenchTable {
  readonly className: EventClass;
  /** weir's name; the others call it so too. */
  readonly name: string;
  readonly columns: readonly BenchColumn[];
}

type Value = string | number | bigint | null;

export interface BenchColumn {
  readonly name: string;
  readonly type: 'BIGINT' | 'VARCHAR';
  readonly value: (row: EventRow, seq: bigint) => Value;
}

const NS_PER_S = 1_000_000_000n;
const column = (type: BenchColumn['type'], name: string, from = name): BenchColumn => ({
  name,
  type,
  value: (row) => row[from] ?? null,
});
const integer = (name: string, from = name): BenchColumn => column('BIGINT', name, from);
const text = (name: string, from = name): BenchColumn => column('VARCHAR', name, from);

const COMMON: readonly BenchColumn[] = [
  { name: 'seq', type: 'BIGINT', value: (_, seq) => seq },
  { name: 'time', type: 'BIGINT', value: (row) => (row.time_ns as bigint) / NS_PER_S },
  integer('ntime', 'time_ns'),
  integer('pid'),
  integer('process_id'),
  integer('exec_id'),
  integer('parent_process_id'),
  text('source'),
  text('truncated'),
  integer('count'),
  text('syscall'),
];

export const TABLES: readonly BenchTable[] = [
  {
    className: 'process',
    name: 'process_events',
    columns: [
      ...COMMON,
      ...['parent', 'auid', 'inode', 'size', 'session_id', 'pgid'].map((name) => integer(name)),
      ...['path', 'cmdline', 'json_cmdline', 'cwd', 'filename'].map((name) => text(name)),
      ...['parent_path', 'parent_cmdline'].map((name) => text(name)),
    ],
  },
  {
    className: 'socket',
    name: 'socket_events',
    columns: [
      ...COMMON,
      ...['parent', 'auid', 'family', 'protocol', 'local_port'].map((name) => integer(name)),
      ...['remote_port', 'error', 'inode'].map((name) => integer(name)),
      ...['path', 'action', 'local_address', 'remote_address', 'status'].map((name) => text(name)),
    ],
  },
  {
    className: 'file',
    name: 'process_file_events',
    columns: [
      ...COMMON,
      integer('ppid', 'parent'),
      ...['fd', 'dev', 'inode', 'size'].map((name) => integer(name)),
      text('operation', 'action'),
      text('executable', 'path'),
      text('path', 'target_path'),
      { name: 'dest_path', type: 'VARCHAR', value: (row) => row.dest_path ?? '' },
      text('cwd'),
    ],
  },
];

export const tableOf = (className: EventClass): BenchTable =>
  TABLES.find((table) => table.className === className) as BenchTable;

export const createStatements = (): string[] =>
  TABLES.map(
    ({ name, columns }) =>
      `CREATE TABLE ${name} (${columns.map((c) => `${c.name} ${c.type}`).join(', ')})`,
  );

/** Rows of a chunk as values in the order of its table's columns. */
export function valuesOf({ className, firstSeq, rows }: Chunk): Value[][] {
  const { columns } = tableOf(className);
  return rows.map((row, i) => columns.map((c) => c.value(row, firstSeq + BigInt(i))));
}
