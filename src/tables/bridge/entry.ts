import type { NativeTable } from '../../native/tables.ts';
import { declare } from './declare.ts';
import type { StateTable } from './table.ts';

/** A table as a connection knows it: its code is loaded by the first query that reads it. */
export interface TableEntry {
  readonly declared: NativeTable;
  /** The same each time. */
  load(): StateTable;
}

/**
 * The entry of a table that is loaded already.
 *
 * @throws Error when its names are no SQL names, or one comes twice
 */
export function entryOf(table: StateTable): TableEntry {
  return { declared: declare(table), load: () => table };
}
