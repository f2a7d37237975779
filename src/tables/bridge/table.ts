/**
 * How a table is described whose rows are made when a query asks: columns, and one function.
 * docs/tables-in-typescript.md shows how to add one.
 */
import type { SqlType } from '../spec.ts';
import type { TableContext } from './context.ts';
import type { Operator } from './operators.ts';

/**
 * A value of a row. undefined is NULL. A number or its decimal text suits a number column; text
 * that is no number is NULL there. Bytes are text that may not be UTF-8. true is 1.
 */
export type Cell = string | number | bigint | boolean | Uint8Array | null | undefined;

export interface StateColumn {
  readonly type: SqlType;
  readonly description: string;
  /** Not part of SELECT *. */
  readonly hidden?: boolean;
  /** `=` and IN on it find rows without making the others; the table gets them. */
  readonly index?: boolean;
  /** Without a constraint on one of the required columns a query fails. */
  readonly required?: boolean;
  /** Constraints on it change what the table returns or spare work; the table gets them. */
  readonly additional?: boolean;
  /** The table takes a whole IN list at once (they all do here; osquery marks those that do). */
  readonly optimized?: boolean;
  readonly collate?: 'nocase' | 'version' | 'version_arch' | 'version_dpkg' | 'version_rhel';
  readonly aliases?: readonly string[];
  /** What the table gets to see, in place of what index, required and additional mean. */
  readonly operators?: readonly Operator[];
}

export type Columns = Readonly<Record<string, StateColumn>>;

export type RowOf<C extends Columns> = { readonly [Name in keyof C]?: Cell };

export interface StateTable {
  readonly name: string;
  readonly description: string;
  readonly aliases?: readonly string[];
  readonly columns: Columns;
  /** Statements that show what it is for; a test runs each. */
  readonly examples: readonly string[];
  /** About how many rows there are without constraints, for the planner. Default 200. */
  readonly rows?: number;
  /**
   * The rows. May yield more than was asked for: SQLite checks each row again. Called on a query
   * thread; must not wait for a promise. A long table is a generator: rows are taken from it as
   * the query wants them.
   *
   * @throws Error when there is nothing to show at all: the statement fails with its message. What
   *   cannot be read while other rows can is `context.warn`ed about and left out.
   */
  generate(context: TableContext): Iterable<RowOf<Columns>>;
}

/** Gives the table back; rows and constraints are checked against its columns by the compiler. */
export function defineTable<const C extends Columns>(
  table: Omit<StateTable, 'columns' | 'generate'> & {
    readonly columns: C;
    generate(context: TableContext<keyof C & string>): Iterable<RowOf<C>>;
  },
): StateTable {
  return table as unknown as StateTable;
}

type Options = Omit<StateColumn, 'type' | 'description'>;

export const text = (description: string, options: Options = {}): StateColumn => ({
  type: 'TEXT',
  description,
  ...options,
});
export const integer = (description: string, options: Options = {}): StateColumn => ({
  type: 'INTEGER',
  description,
  ...options,
});
export const bigint = (description: string, options: Options = {}): StateColumn => ({
  type: 'BIGINT',
  description,
  ...options,
});
export const unsigned = (description: string, options: Options = {}): StateColumn => ({
  type: 'UNSIGNED_BIGINT',
  description,
  ...options,
});
export const double = (description: string, options: Options = {}): StateColumn => ({
  type: 'DOUBLE',
  description,
  ...options,
});

/** The description of a column that is never filled here. */
export const ELSEWHERE = 'Not on Linux';

/** A column that osquery fills on other systems only: hidden, and NULL here. */
export const elsewhere = (type: SqlType, options: Options = {}): StateColumn => ({
  type,
  description: ELSEWHERE,
  hidden: true,
  ...options,
});

/**
 * `pid_with_namespace = PID` reads the files of that process's root (a container's) instead of the
 * host's. A table that has it gets `context.host` with that root, and leaves both columns out of
 * its rows.
 */
export const PID_WITH_NAMESPACE = integer('Read what this process sees: its root, its mounts', {
  hidden: true,
  additional: true,
  operators: ['='],
});
export const MOUNT_NAMESPACE_ID = text('Mount namespace of pid_with_namespace', { hidden: true });
