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
        const id = lineId(store, run.id, firstIndex + i);
        return {
          id,
          kind: run.kind === 'snapshot' ? 'snapshot' : 'result',
          query: run.name,
          severity: run.rule?.severity ?? null,
          text: JSON.stringify(document(run, row, id)),
        };
      }),
  };
}
