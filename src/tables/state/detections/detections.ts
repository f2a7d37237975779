import { bigint, defineTable, text } from '../../bridge/table.ts';
import { resultRows } from './results-file.ts';

export const detections = defineTable({
  name: 'detections',
  description: 'What rules have found, repeats together, from the results database',
  columns: {
    id: bigint('What "weir detections" calls it'),
    status: text('new, acknowledged, closed, false_positive'),
    severity: text('info, low, medium, high, critical'),
    rule: text('Name of the query'),
    description: text('Of the rule'),
    attack: text('ATT&CK techniques, a JSON array'),
    count: bigint('Rows that matched'),
    first_time: bigint('When the rule first saw it, seconds since 1970'),
    last_time: bigint('When the rule last saw it, seconds since 1970'),
    status_time: bigint('When the status was changed, seconds since 1970'),
    host: text('Host, as in log lines'),
    row: text('The newest matching row, a JSON object'),
  },
  examples: [
    "SELECT id, severity, rule, count FROM detections WHERE status = 'new' ORDER BY last_time DESC",
  ],
  rows: 1000,
  *generate() {
    yield* resultRows(
      `SELECT id, status, severity, rule, description, attack, count, first_time, last_time,
         status_time, host, row FROM detection_groups ORDER BY id`,
      'detections are in PostgreSQL; "weir detections" lists them',
    );
  },
});
