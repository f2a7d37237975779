import type { NativeTableCalls, PackedRows } from '../../native/tables.ts';
import { Host } from '../host/host.ts';
import { type Constraint, type ConstraintValue, TableContext } from './context.ts';
import type { TableEntry } from './entry.ts';
import { inNamespaces, namespacePids } from './namespaces.ts';
import { OPERATORS } from './operators.ts';
import { Packer, type UsedColumn } from './pack.ts';
import type { Columns, RowOf, StateTable } from './table.ts';
import type { Warnings } from './warnings.ts';

/** Bit 63 of the columns that a query reads stands for that column and all that follow. */
const LAST_BIT = 63;

/** The columns of a table that a query reads, by the addon's bit set. */
function usedColumns(table: StateTable, used: bigint): UsedColumn[] {
  return Object.entries(table.columns)
    .filter((_, i) => ((used >> BigInt(Math.min(i, LAST_BIT))) & 1n) === 1n)
    .map(([name, { type }]) => ({ name, type }));
}

function readConstraints(
  table: StateTable,
  flat: readonly unknown[],
): ReadonlyMap<string, readonly Constraint[]> {
  const names = Object.keys(table.columns);
  const byColumn = new Map<string, Constraint[]>();
  for (let i = 0; i < flat.length; i += 3) {
    const name = names[flat[i] as number] as string;
    const operator = OPERATORS[flat[i + 1] as number] as Constraint['operator'];
    const value = flat[i + 2] as ConstraintValue | readonly ConstraintValue[];
    const values = Array.isArray(value) ? value : [value];
    const known = byColumn.get(name);
    if (known === undefined) byColumn.set(name, [{ operator, values }]);
    else known.push({ operator, values });
  }
  return byColumn;
}

/** Answers the addon's calls for the tables of one connection. */
export class Bridge implements NativeTableCalls {
  readonly #tables: readonly TableEntry[];
  readonly #used: Map<bigint, UsedColumn[]>[];
  readonly #open = new Map<number, Packer>();
  readonly #connection: number;
  readonly #root: string;
  readonly #warnings: Warnings;
  readonly #interrupted: () => boolean;
  readonly #kept = new Map<string, unknown>();
  #lastCursor = 0;

  /** @param options.root folder that stands for /: tests give one; '' is the host itself */
  constructor(
    tables: readonly TableEntry[],
    options: {
      readonly connection: number;
      readonly root?: string;
      readonly warnings: Warnings;
      readonly interrupted: () => boolean;
    },
  ) {
    this.#tables = tables;
    this.#used = tables.map(() => new Map());
    this.#connection = options.connection;
    this.#root = options.root ?? '';
    this.#warnings = options.warnings;
    this.#interrupted = options.interrupted;
  }

  open(index: number, used: bigint, constraints: readonly unknown[], limit: number): PackedRows {
    const table = (this.#tables[index] as TableEntry).load();
    const columns = this.#columns(index, table, used);
    const rows = this.#generate(
      table,
      readConstraints(table, constraints),
      columns,
      limit < 0 ? undefined : limit,
    );
    const packer = new Packer(columns, rows);
    const cursor = this.#lastCursor + 1;
    const batch = packer.batch(cursor);
    if (batch.cursor !== 0) {
      this.#lastCursor = cursor;
      this.#open.set(cursor, packer);
    }
    return batch;
  }

  next(cursor: number): PackedRows {
    const packer = this.#open.get(cursor);
    if (packer === undefined) throw new Error('no such walk');
    let more = false;
    try {
      const batch = packer.batch(cursor);
      more = batch.cursor !== 0;
      return batch;
    } finally {
      if (!more) this.#open.delete(cursor);
    }
  }

  close(cursor: number): void {
    const packer = this.#open.get(cursor);
    this.#open.delete(cursor);
    packer?.end();
  }

  end(): void {
    this.#kept.clear();
  }

  /** Keeps for the statement what several calls of a table need. */
  #once<T>(table: StateTable, key: string, make: () => T): T {
    const id = `${table.name} ${key}`;
    if (!this.#kept.has(id)) this.#kept.set(id, make());
    return this.#kept.get(id) as T;
  }

  #columns(index: number, table: StateTable, used: bigint): UsedColumn[] {
    const known = this.#used[index] as Map<bigint, UsedColumn[]>;
    let columns = known.get(used);
    if (columns === undefined) {
      columns = usedColumns(table, used);
      // Few ways to ask a table are used; one who tries them all may not fill memory.
      if (known.size > 256) known.clear();
      known.set(used, columns);
    }
    return columns;
  }

  #generate(
    table: StateTable,
    constraints: ReadonlyMap<string, readonly Constraint[]>,
    columns: readonly UsedColumn[],
    limit: number | undefined,
  ): Iterable<RowOf<Columns>> {
    const warn = (message: string): void => this.#warnings.add(`${table.name}: ${message}`);
    const used = new Set(columns.map(({ name }) => name));
    const make = (host: Host): Iterable<RowOf<Columns>> =>
      table.generate(
        new TableContext({
          host,
          connection: this.#connection,
          constraints,
          used,
          limit,
          warn,
          interrupted: this.#interrupted,
          once: (key, build) => this.#once(table, `${host.root} ${key}`, build),
        }),
      );
    const pids = namespacePids(table, constraints);
    if (pids === undefined && !used.has('pid_with_namespace'))
      return make(new Host(this.#root, warn));
    return inNamespaces(pids ?? [0], this.#root, warn, make);
  }
}
