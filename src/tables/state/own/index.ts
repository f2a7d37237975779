import type { StateTable } from '../../bridge/table.ts';
import { osqueryExtensions } from './osquery-extensions.ts';
import { osqueryInfo } from './osquery-info.ts';
import { osqueryRegistry } from './osquery-registry.ts';

/** @param stateTables all tables that TypeScript makes, these too */
export function ownTables(stateTables: () => readonly StateTable[]): StateTable[] {
  return [osqueryExtensions, osqueryInfo, osqueryRegistry(stateTables)];
}
