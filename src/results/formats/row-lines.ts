import type { LineFormat, LogLine } from '../log-line.ts';
import { lineId } from '../store.ts';
import type { LoggedRun, ResultRow } from '../types.ts';
import type { Fields } from './fields.ts';

/** A format with one JSON document per row, whatever the run was. */
export function rowLines(
  document: (run: LoggedRun, row: ResultRow, id: string) => Fields,
): LineFormat {
  return {
    wholeRun: () => false,
    lines: (store, { run, rows, firstIndex }) =>
      rows.map((row, i): LogLine => {
        // What is suppressed is a result like any other, and nobody's alarm.
        const seen = row.suppressed === true ? { ...run, rule: null } : run;
        const id = lineId(store, run.id, firstIndex + i);
        return {
          id,
          kind: run.kind === 'snapshot' ? 'snapshot' : 'result',
          query: run.name,
          severity: seen.rule?.severity ?? null,
          text: JSON.stringify(document(seen, row, id)),
        };
      }),
  };
}
