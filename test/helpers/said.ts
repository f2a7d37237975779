type Row = Readonly<Record<string, unknown>>;

/** By table, the rows that a workload says (test/workloads/say.h) it must leave. */
export function said(stdout: string): ReadonlyMap<string, readonly Row[]> {
  const rows = new Map<string, Row[]>();
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const { table, ...row } = JSON.parse(line) as { table: string } & Row;
    const list = rows.get(table) ?? [];
    list.push(row);
    rows.set(table, list);
  }
  return rows;
}
