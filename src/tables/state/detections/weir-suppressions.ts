import { bigint, defineTable, text } from '../../bridge/table.ts';
import { resultRows } from './results-file.ts';

export const weirSuppressions = defineTable({
  name: 'weir_suppressions',
  description:
    'Rows of rules that become no detection for a while, as "weir detections suppress" says, and how many did not',
  columns: {
    id: bigint('What "weir detections unsuppress" takes'),
    rule: text('Name of the query'),
    conditions: text(
      'What must hold for a row, a JSON array: column, how (is, like) and text; []: nothing, all rows of the rule',
    ),
    status: text('active, or expired'),
    reason: text('Why it is there'),
    created: bigint('When it was made, seconds since 1970'),
    expires: bigint('When it ends, seconds since 1970'),
    count: bigint('Rows that would have been detections'),
    last_time: bigint('When the last of them was recorded, seconds since 1970; NULL: none yet'),
    host: text('Host, as in log lines'),
  },
  examples: [
    `SELECT rule, conditions, count, datetime(expires, 'unixepoch') AS until, reason
     FROM weir_suppressions WHERE status = 'active' ORDER BY count DESC`,
  ],
  rows: 10,
  *generate() {
    yield* resultRows(
      `SELECT id, rule, conditions, iif(until > unixepoch(), 'active', 'expired') AS status, reason,
         created, until AS expires, count, last_time, host FROM suppressions ORDER BY id`,
      'suppressions are in PostgreSQL; "weir detections suppressions" lists them',
    );
  },
});
