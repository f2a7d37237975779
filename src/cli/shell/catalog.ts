import { columnsSql, isTable, TABLES_SQL } from '../../sql/catalog.ts';
import type { Row, RowSource } from '../row-source.ts';

export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly hidden: boolean;
}

/** Tables and columns of the source, asked once each. */
export class Catalog {
  readonly #source: RowSource;
  #tables: Promise<readonly string[]> | null = null;
  readonly #columns = new Map<string, Promise<readonly ColumnInfo[]>>();

  constructor(source: RowSource) {
    this.#source = source;
  }

  tables(): Promise<readonly string[]> {
    this.#tables ??= this.#ask(TABLES_SQL).then((rows) =>
      rows.map(([name]) => String(name)).filter(isTable),
    );
    // A failure is not remembered: the daemon may be back.
    this.#tables.catch(() => {
      this.#tables = null;
    });
    return this.#tables;
  }

  /** Empty for a table that is not there. */
  columns(table: string): Promise<readonly ColumnInfo[]> {
    let found = this.#columns.get(table);
    if (found === undefined) {
      found = this.#ask(columnsSql(table)).then((rows) =>
        rows.map(([name, type, hidden]) => ({
          name: String(name),
          type: String(type),
          hidden: hidden !== 0n,
        })),
      );
      this.#columns.set(table, found);
      found.catch(() => this.#columns.delete(table));
    }
    return found;
  }

  async #ask(sql: string): Promise<Row[]> {
    const all: Row[] = [];
    for await (const rows of this.#source.ask(sql, { timeoutMs: 5000 }).rows) all.push(...rows);
    return all;
  }
}
