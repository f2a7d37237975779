import { native } from '../../native/addon.ts';
import { Bridge } from './bridge.ts';
import type { TableEntry } from './entry.ts';
import { Warnings } from './warnings.ts';

/**
 * Makes tables known to a connection of this thread that has loaded the extension. Before
 * `native.connections.restrict`.
 *
 * @param connection its id, from native.connections.last()
 * @param root folder that stands for /; '' is the host itself
 * @returns what its statements warned about
 */
export function attachTables(
  connection: number,
  tables: readonly TableEntry[],
  root = '',
): Warnings {
  const warnings = new Warnings();
  const interrupted = (): boolean => native.tables.interrupted(connection);
  const bridge = new Bridge(tables, { connection, root, warnings, interrupted });
  const declared = tables.map((table) => table.declared);
  native.tables.attach(connection, declared, {
    open: (table, used, constraints, limit) => bridge.open(table, used, constraints, limit),
    next: (cursor) => bridge.next(cursor),
    close: (cursor) => bridge.close(cursor),
    end: () => bridge.end(),
  });
  return warnings;
}
