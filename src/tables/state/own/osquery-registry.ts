import { allTables } from '../../all.ts';
import { defineTable, integer, text } from '../../bridge/table.ts';
import { EVENT_TABLES } from '../../events/index.ts';
import { STATUS_TABLES } from '../../status.ts';

export const osqueryRegistry = defineTable({
  name: 'osquery_registry',
  description: "weir's tables, and those that the configuration adds, in the words of osquery",
  rows: 200,
  columns: {
    registry: text('table; event_subscriber for those of events'),
    name: text('The table'),
    owner_uuid: integer('Always 0: weir itself'),
    internal: integer('1 for tables about weir'),
    active: integer('Always 1'),
  },
  examples: ["SELECT name FROM osquery_registry WHERE registry = 'event_subscriber'"],
  *generate() {
    const row = { owner_uuid: 0, internal: 0, active: 1 };
    for (const { name } of EVENT_TABLES) yield { ...row, registry: 'event_subscriber', name };
    for (const { name } of EVENT_TABLES) yield { ...row, registry: 'table', name };
    for (const { declared } of allTables().tables)
      yield { ...row, registry: 'table', name: declared.name };
    for (const { name } of STATUS_TABLES) yield { ...row, registry: 'table', name, internal: 1 };
  },
});
