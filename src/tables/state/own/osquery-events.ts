import { defineTable, integer, text } from '../../bridge/table.ts';
import { osqueryState } from './osquery-state.ts';

export const osqueryEvents = defineTable({
  name: 'osquery_events',
  description:
    'Event tables and the classes that their rows are stored in, in the words of osquery; empty without a daemon. weir_loss and weir_coverage say more',
  columns: {
    name: text('Event table; for a publisher the class'),
    publisher: text('Class of the rows'),
    type: text('publisher: a class; subscriber: a table'),
    subscriptions: integer('Scheduled queries and rules that read it'),
    events: integer('Events of the class since the start; NULL for a view, which shows some'),
    refreshes: integer('Always 0: queries need no refresh'),
    active: integer('1 while the class is watched'),
  },
  examples: ["SELECT name, active FROM osquery_events WHERE type = 'subscriber'"],
  *generate(context) {
    for (const table of osqueryState(context)?.events ?? []) {
      const { name, publisher, type, subscriptions, events, active } = table;
      yield { name, publisher, type, subscriptions, events, refreshes: 0, active };
    }
  },
});
