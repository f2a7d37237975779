import { defineTable, integer, type StateTable, text } from '../../bridge/table.ts';
import { EVENT_TABLES } from '../../events/index.ts';
import { STATUS_TABLES } from '../../status.ts';

/** @param stateTables all tables that TypeScript makes, this one too */
export const osqueryRegistry = (stateTables: () => readonly StateTable[]): StateTable =>
  defineTable({
    name: 'osquery_registry',
    description: "weir's built-in tables, in the words of osquery",
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
      for (const { name } of [...EVENT_TABLES, ...stateTables()]) {
        yield { ...row, registry: 'table', name };
      }
      for (const { name } of STATUS_TABLES) yield { ...row, registry: 'table', name, internal: 1 };
    },
  });
