import { WeirError } from '../../src/config/errors.ts';
import type { QueryOptions, QueryResult, QueryRunner, SqlValue } from '../../src/sql/types.ts';

export type Answer = (sql: string, options: QueryOptions) => readonly (readonly SqlValue[])[];

/** Answers queries with one column `v`, from a function; obeys maxRows. */
export class FakeRunner implements QueryRunner {
  readonly asked: string[] = [];
  answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryResult> {
    this.asked.push(sql);
    const all = this.answer(sql, options);
    const limit = options.maxRows ?? 0;
    const truncated = limit > 0 && all.length > limit;
    return {
      columns: [{ name: 'v', type: 'BIGINT' }],
      rows: truncated ? all.slice(0, limit) : all,
      stats: {
        rows: all.length,
        wallMs: 0,
        cpu: { userMs: 2, systemMs: 1 },
        scan: { blocks: 0, skipped: 0, rows: 0 },
      },
      truncated,
      warnings: [],
    };
  }
}

/** The event table as a list: row n has seq n and value n. */
export function events(sql: string, { window }: QueryOptions): readonly (readonly SqlValue[])[] {
  if (window === undefined) throw new WeirError('SQL_ERROR', `no window for ${sql}`);
  const rows: SqlValue[][] = [];
  for (let seq = window.after + 1n; seq <= window.upto; seq++) rows.push([seq]);
  return rows;
}
