/**
 * How a SQL table is described. Event tables are faces of a stored class: each column says which
 * physical column it shows and how. The native modules are generated from these specs, and so is
 * docs/tables.md.
 */
import type { ClassName } from '../sensor/schema.ts';

export type SqlType = 'TEXT' | 'INTEGER' | 'BIGINT' | 'UNSIGNED_BIGINT' | 'DOUBLE';

/** How a face's value is made from the stored one. */
export type From =
  | { readonly how: 'column'; readonly column: string }
  /** nanoseconds shown as whole seconds, rounded down */
  | { readonly how: 'seconds'; readonly column: string }
  /** integer shown as decimal text */
  | { readonly how: 'decimal'; readonly column: string }
  /** file mode shown as octal text, as osquery does: 0100755 */
  | { readonly how: 'octal'; readonly column: string }
  /** text translated by a fixed map; values outside it are shown as they are */
  | { readonly how: 'map'; readonly column: string; readonly map: Readonly<Record<string, string>> }
  /** text, or this when it is NULL */
  | { readonly how: 'default'; readonly column: string; readonly value: string }
  /** 1 when the text equals value, else 0 */
  | { readonly how: 'equals'; readonly column: string; readonly value: string }
  | { readonly how: 'seq' }
  /** seq as zero-padded text of 20 digits, so that it sorts */
  | { readonly how: 'eid' }
  | { readonly how: 'constant'; readonly value: string | number | null };

export interface ColumnSpec {
  readonly name: string;
  readonly type: SqlType;
  readonly description: string;
  readonly from: From;
  readonly hidden?: boolean;
  readonly aliases?: readonly string[];
  readonly collate?: 'nocase';
}

export interface EventTableSpec {
  readonly name: string;
  readonly description: string;
  readonly class: ClassName;
  /** Only stored rows whose text column has one of these values are rows of this table. */
  readonly only?: { readonly column: string; readonly values: readonly string[] };
  /**
   * file_events: while file_paths are configured, only rows with a category; and a rename is two
   * rows (MOVED_FROM with the old name, MOVED_TO with the new one).
   */
  readonly face?: 'file_events';
  /** Shows less of its class than another table does. */
  readonly view?: true;
  readonly columns: readonly ColumnSpec[];
  readonly examples: readonly string[];
}

type Options = Pick<ColumnSpec, 'hidden' | 'aliases' | 'collate'>;

/** A column that shows a stored one as it is. */
export function column(
  name: string,
  type: SqlType,
  description: string,
  options: Options & { readonly from?: string | From } = {},
): ColumnSpec {
  const { from = name, ...rest } = options;
  return {
    name,
    type,
    description,
    from: typeof from === 'string' ? { how: 'column', column: from } : from,
    ...rest,
  };
}
