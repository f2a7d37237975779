import type { RowSource } from '../row-source.ts';

/** A table that takes longer to ask tells nothing by being waited for. */
export const TIMEOUT_MS = 30_000;

/** Rows of a query as objects. Rejects with WeirError SQL_*. */
export async function rowsOf(source: RowSource, sql: string): Promise<Record<string, unknown>[]> {
  const result = source.ask(sql, { timeoutMs: TIMEOUT_MS, maxRows: 0 });
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of result.rows) {
    const columns = await result.columns;
    for (const row of chunk) {
      rows.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
    }
  }
  await result.end;
  return rows;
}
