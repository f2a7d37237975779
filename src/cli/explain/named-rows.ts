import { valueText } from '../output/formatter.ts';
import type { RowSource } from '../row-source.ts';

/** Columns by name, as text; NULL is left out. */
export type NamedRow = Readonly<Record<string, string>>;

/** All rows of a query that returns few. Rejects with WeirError SQL_*. */
export async function namedRows(source: RowSource, sql: string): Promise<NamedRow[]> {
  const result = source.ask(sql);
  const found: NamedRow[] = [];
  for await (const rows of result.rows) {
    const columns = await result.columns;
    for (const row of rows) {
      const named: Record<string, string> = {};
      for (const [i, { name }] of columns.entries()) {
        const value = row[i] ?? null;
        if (value !== null) named[name] = valueText(value);
      }
      found.push(named);
    }
  }
  await result.end;
  return found;
}
