import { toBytePath } from '../host/byte-path.ts';
import type { Host } from '../host/host.ts';
import type { Operator } from './operators.ts';

/**
 * A number is what its column compares as: bigint only beyond 2^53. Bytes are text that is not
 * UTF-8, such as a path that another table gave.
 */
export type ConstraintValue = string | number | bigint | Uint8Array;

export interface Constraint {
  readonly operator: Operator;
  /** Several for IN: one of them must hold. */
  readonly values: readonly ConstraintValue[];
}

/** What a query asks of a table, as far as the table can use it. */
export class TableContext<Name extends string = string> {
  /** Files and directories of the host, or of the container that the query names. */
  readonly host: Host;
  /** Rows that the query wants at most, when nothing else leaves rows out. */
  readonly limit: number | undefined;
  /** Id of the query's connection, as native.connections knows it. */
  readonly connection: number;
  readonly #constraints: ReadonlyMap<string, readonly Constraint[]>;
  readonly #used: ReadonlySet<string>;
  readonly #warn: (message: string) => void;
  readonly #interrupted: () => boolean;
  readonly #once: <T>(key: string, make: () => T) => T;

  constructor(options: {
    readonly host: Host;
    readonly connection: number;
    readonly constraints: ReadonlyMap<string, readonly Constraint[]>;
    readonly used: ReadonlySet<string>;
    readonly limit?: number | undefined;
    readonly warn: (message: string) => void;
    readonly interrupted: () => boolean;
    readonly once: <T>(key: string, make: () => T) => T;
  }) {
    this.host = options.host;
    this.connection = options.connection;
    this.limit = options.limit;
    this.#constraints = options.constraints;
    this.#used = options.used;
    this.#warn = options.warn;
    this.#interrupted = options.interrupted;
    this.#once = options.once;
  }

  /** Whether the query reads one of these columns; what it does not read need not be made. */
  uses(...columns: readonly Name[]): boolean {
    return columns.some((column) => this.#used.has(column));
  }

  /** All constraints on the column that the table gets to see; all of them hold for a row. */
  constraints(column: Name): readonly Constraint[] {
    return this.#constraints.get(column) ?? [];
  }

  /** Values that the column may have: of `=` and IN. undefined when any. */
  equals(column: Name): readonly ConstraintValue[] | undefined {
    let values: readonly ConstraintValue[] | undefined;
    for (const { operator, values: allowed } of this.constraints(column)) {
      if (operator !== '=') continue;
      values =
        values === undefined ? [...new Set(allowed)] : values.filter((v) => allowed.includes(v));
    }
    return values;
  }

  /** As `equals`, as text; what is not UTF-8 has U+FFFD in it. */
  texts(column: Name): readonly string[] | undefined {
    return this.equals(column)?.map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : String(value),
    );
  }

  /** As `equals`, as paths: text in Latin-1, a character per byte (see byte-path.ts). */
  paths(column: Name): readonly string[] | undefined {
    return this.equals(column)?.map((value) =>
      toBytePath(value instanceof Uint8Array ? value : String(value)),
    );
  }

  /** As `equals`, without what is no whole number: no row has that. */
  integers(column: Name): readonly number[] | undefined {
    return this.equals(column)?.filter((value) => Number.isSafeInteger(value)) as
      | readonly number[]
      | undefined;
  }

  /** Patterns of LIKE on the column. */
  likes(column: Name): readonly string[] {
    return this.constraints(column)
      .filter(({ operator }) => operator === 'LIKE')
      .map(({ values }) => String(values[0]));
  }

  /** Patterns of GLOB on the column. */
  globs(column: Name): readonly string[] {
    return this.constraints(column)
      .filter(({ operator }) => operator === 'GLOB')
      .map(({ values }) => String(values[0]));
  }

  /** Says what could not be read; shown beside the result, which goes on. */
  warn(message: string): void {
    this.#warn(message);
  }

  /**
   * What `make` gives, made once per statement: for what a join's many calls of the table share.
   * `key` is the table's own.
   */
  once<T>(key: string, make: () => T): T {
    return this.#once(key, make);
  }

  /**
   * Called now and then by a table that works long between two rows.
   *
   * @throws Error when the query is to stop
   */
  checkpoint(): void {
    if (this.#interrupted()) throw new Error('interrupted');
  }
}
