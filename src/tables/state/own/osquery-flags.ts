import { defineTable, integer, text } from '../../bridge/table.ts';
import { osqueryState } from './osquery-state.ts';

export const osqueryFlags = defineTable({
  name: 'osquery_flags',
  description:
    "osquery's flags that mean something here, and all of the daemon's settings; empty without a daemon",
  columns: {
    name: text('osquery’s flag, logger_path, or our setting, logger.path'),
    type: text('bool, uint64, int64, string, or json'),
    description: text(
      'osquery’s words for its flags; settings are described in docs/configuration.md',
    ),
    default_value: text('Value when nothing is configured'),
    value: text('Value; secrets are removed'),
    shell_only: integer('Always 0'),
  },
  examples: ['SELECT name, value FROM osquery_flags WHERE value <> default_value'],
  *generate(context) {
    for (const { defaultValue, ...flag } of osqueryState(context)?.flags ?? []) {
      yield { ...flag, default_value: defaultValue, shell_only: 0 };
    }
  },
});
