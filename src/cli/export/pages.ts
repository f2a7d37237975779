import type { ResultColumn, SqlValue } from '../../sql/types.ts';
import type { EventTableSpec } from '../../tables/spec.ts';
import type { Row, RowSource } from '../row-source.ts';

export interface Selection {
  readonly table: EventTableSpec;
  /** Nanoseconds since 1970; since is included, until is not. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
  /** SQL expression; '' for all rows. */
  readonly where: string;
  /** What a row consists of: SQL expressions. */
  readonly expressions: readonly string[];
  readonly signal: AbortSignal;
}

const PAGE_ROWS = 20_000;

/** Columns of an export: all but those that never say anything; hidden ones too. */
export function exportColumns(table: EventTableSpec): readonly ResultColumn[] {
  return table.columns
    .filter(({ from }) => from.how !== 'constant')
    .map(({ name, type }) => ({ name, type }));
}

/**
 * The rows that are there now, in order of seq, a part of a page at a time. Each page is a query of
 * its own: no snapshot is held for as long as a slow reader takes, which would let the store's log
 * grow without end.
 */
export async function* exportPages(
  source: RowSource,
  selection: Selection,
): AsyncGenerator<readonly Row[]> {
  const { table, signal } = selection;
  const upto = await highestSeq(source, table.name, signal);
  // Rows of one seq (a rename is two in file_events) may lie on both sides of a page's end.
  let last = 0n;
  let taken = 0;
  for (;;) {
    const sql = pageQuery(selection, last, taken, upto);
    const page = source.ask(sql, { timeoutMs: 0, maxRows: 0, signal });
    let count = 0;
    for await (const rows of page.rows) {
      for (const row of rows) {
        const seq = (row as SqlValue[]).pop() as bigint;
        taken = seq === last ? taken + 1 : 1;
        last = seq;
      }
      count += rows.length;
      yield rows;
    }
    await page.end;
    if (count < PAGE_ROWS) return;
  }
}

async function highestSeq(source: RowSource, table: string, signal: AbortSignal): Promise<bigint> {
  const sql = `SELECT last_seq FROM weir_tables WHERE name = '${table}'`;
  let highest = 0n;
  for await (const rows of source.ask(sql, { timeoutMs: 0, signal }).rows) {
    for (const [value] of rows) if (typeof value === 'bigint') highest = value;
  }
  return highest;
}

function pageQuery(
  { table, since, until, where, expressions }: Selection,
  last: bigint,
  taken: number,
  upto: bigint,
): string {
  const conditions = [`seq BETWEEN ${last} AND ${upto}`];
  if (since !== undefined) conditions.push(`ntime >= ${since}`);
  if (until !== undefined) conditions.push(`ntime < ${until}`);
  // A newline ends a comment that the expression may finish with.
  if (where !== '') conditions.push(`(${where}\n)`);
  return `SELECT ${expressions.join(', ')}, seq FROM ${table.name} WHERE ${conditions.join(' AND ')} ORDER BY seq LIMIT ${PAGE_ROWS} OFFSET ${taken}`;
}
