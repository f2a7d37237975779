export type SaidRow = Readonly<Record<string, unknown>>;

/** By table, the rows that a workload says (test/workloads/say.h) it must leave. */
export function said(stdout: string): ReadonlyMap<string, readonly SaidRow[]> {
  const rows = new Map<string, SaidRow[]>();
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const { table, ...row } = JSON.parse(line) as { table: string } & SaidRow;
    const list = rows.get(table) ?? [];
    list.push(row);
    rows.set(table, list);
  }
  return rows;
}

/** Columns that workloads speak of and a star leaves out. */
const HIDDEN: Readonly<Record<string, string>> = {
  credential_events: 'egid, euid, gid, fsuid, old_fsuid, permitted, suid',
  namespace_events: 'fd',
  bpf_load_events: 'fd',
  memory_events: 'fd, address',
  io_uring_events: 'fd, operation',
};

/** Rows of a table in order, with all columns that workloads speak of. */
export function saidQuery(table: string, where: string): string {
  const hidden = HIDDEN[table] === undefined ? '' : `, ${HIDDEN[table]}`;
  return `SELECT *${hidden} FROM ${table} WHERE ${where} ORDER BY seq`;
}

/** Rows with the columns that were said, in the words in which they were. */
export function comparable(rows: readonly SaidRow[], expected: readonly SaidRow[]): SaidRow[] {
  return rows.map((row, i) => {
    const wanted = expected[i] ?? row;
    return Object.fromEntries(
      Object.keys(wanted).map((key) => [key, inItsWords(row[key], wanted[key])]),
    );
  });
}

/** Big integers come as text; `*x*` stands for any text with x in it. */
function inItsWords(value: unknown, wanted: unknown): unknown {
  if (typeof wanted === 'number') return value === null ? null : Number(value);
  if (typeof wanted === 'string' && wanted.startsWith('*')) {
    return String(value).includes(wanted.slice(1, -1)) ? wanted : value;
  }
  return value;
}
