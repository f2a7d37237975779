import { bigint, defineTable, integer, text } from '../../bridge/table.ts';
import { resultRows } from './results-file.ts';

export const responseEvents = defineTable({
  name: 'response_events',
  description:
    'What was done about detections and verdicts, and what was refused: a row for each process or command',
  columns: {
    id: bigint('In the order in which they were kept'),
    time: bigint('When, seconds since 1970'),
    rule: text('Name of the rule, or of the verdict'),
    action: text('stop, kill, exec'),
    place: text('Who did it: the kernel program at the verdict, or weir afterwards'),
    outcome: text('done, dry_run, refused, failed'),
    reason: text(
      'Why refused (disabled, rate_limit, init, weir, kernel_thread, protected, ...) or failed',
    ),
    pid: bigint('Process that it was done to, or that the row of the detection names'),
    process_id: text('The same, never reused; NULL where only the pid is known'),
    path: text('Executable of the process of the detection'),
    command: text('exec: name of the configured command'),
    exit_code: integer('exec: how it ended; NULL when it did not by itself'),
    detection: text('Id of the detection in log lines; NULL for verdicts'),
  },
  examples: [
    "SELECT time, rule, action, outcome, reason, pid FROM response_events WHERE outcome <> 'done'",
  ],
  rows: 1000,
  *generate() {
    yield* resultRows(
      `SELECT id, unix_time AS time, rule, action, place, outcome, reason, pid, process_id, path,
         command, exit_code, detection FROM responses ORDER BY id`,
      'responses are in PostgreSQL, table responses',
    );
  },
});
