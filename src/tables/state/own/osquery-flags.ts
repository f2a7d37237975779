import { defineTable, integer, text } from '../../bridge/table.ts';
import { osqueryState } from './osquery-state.ts';

export const osqueryFlags = defineTable({
  name: 'osquery_flags',
  description:
    "The daemon's settings, under the names of docs/configuration.md, and osquery's options that the configuration has; empty without a daemon",
  columns: {
    name: text('Name of the setting: logger.path'),
    type: text('bool, int64, string, or json'),
    description: text('Always empty: docs/configuration.md describes each'),
    default_value: text('Value when nothing is configured'),
    value: text('Value; secrets are removed'),
    shell_only: integer('Always 0'),
  },
  examples: ['SELECT name, value FROM osquery_flags WHERE value <> default_value'],
  *generate(context) {
    for (const { name, type, value, defaultValue } of osqueryState(context)?.flags ?? []) {
      yield { name, type, description: '', default_value: defaultValue, value, shell_only: 0 };
    }
  },
});
