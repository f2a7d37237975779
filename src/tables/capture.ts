import { CLASSES, type ClassName, type PhysicalColumn } from '../sensor/schema.ts';
import { EVENT_TABLES } from './events/index.ts';
import type { ColumnSpec, EventTableSpec } from './spec.ts';

/** A stored column, and the column of a table that its value can be had back from. */
export interface CaptureColumn {
  readonly stored: PhysicalColumn;
  readonly shown: ColumnSpec;
}

/** Ways of showing a value that lose nothing, best first. */
const EXACT = ['column', 'decimal', 'octal', 'default'];

/** What a row of the table says about the stored row, column by column of its class. */
export function captureColumns(table: EventTableSpec): readonly CaptureColumn[] {
  return CLASSES[table.class].flatMap((stored) => {
    const faces = table.columns.filter(
      ({ from }) =>
        EXACT.includes(from.how) && (from as { readonly column: string }).column === stored.name,
    );
    faces.sort((a, b) => EXACT.indexOf(a.from.how) - EXACT.indexOf(b.from.how));
    const [shown] = faces;
    return shown === undefined ? [] : [{ stored, shown }];
  });
}

/**
 * By class, the table whose rows say all that is stored: what is exported from it can be imported.
 * Views are none: they leave rows out, or show one as two.
 */
export const CAPTURE_TABLES: ReadonlyMap<ClassName, EventTableSpec> = new Map(
  EVENT_TABLES.filter(({ face, only, view }) => !face && !only && !view).map((table) => [
    table.class,
    table,
  ]),
);
