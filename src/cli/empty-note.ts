import { tableRefs } from '../detect/table-refs.ts';
import { tokenize } from '../detect/tokenizer.ts';
import { EVENT_TABLES } from '../tables/events/index.ts';
import { detections } from '../tables/state/detections/detections.ts';
import { STATUS_TABLES } from '../tables/status.ts';

const OSQUERY = ['osquery_events', 'osquery_flags', 'osquery_packs', 'osquery_schedule'];
const KEPT: ReadonlySet<string> = new Set([
  ...[...EVENT_TABLES, ...STATUS_TABLES, detections].map(({ name }) => name),
  ...OSQUERY,
]);

/** Tables of the statement that only a daemon fills: event tables and weir's own. */
export function tablesOfDaemon(sql: string): string[] {
  const { refs, ctes } = tableRefs(tokenize(sql));
  const names = refs.filter(({ table }) => KEPT.has(table) && !ctes.has(table));
  return [...new Set(names.map(({ table }) => table))];
}
