import { suggest } from '../../config/suggest.ts';
import type { CaptureProblem, CaptureTablePlan } from '../../native/capture.ts';
import { CLASS_NAMES, CLASSES } from '../../sensor/schema.ts';
import { CAPTURE_TABLES, type CaptureColumn, captureColumns } from '../../tables/capture.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import type { EventTableSpec } from '../../tables/spec.ts';

type FieldPlan = CaptureTablePlan['fields'][number];

/** How the addon reads a line of each table that can be imported. */
export const CAPTURE_PLANS: readonly CaptureTablePlan[] = [...CAPTURE_TABLES.values()].map(planOf);

function planOf(table: EventTableSpec): CaptureTablePlan {
  const shown = new Map(captureColumns(table).map((column) => [column.shown.name, column]));
  const fields = table.columns.map(({ name }): FieldPlan => {
    const column = shown.get(name);
    return column === undefined
      ? { name, form: 'ignored', column: -1 }
      : fieldOf(column, CLASSES[table.class].indexOf(column.stored));
  });
  return { name: table.name, eventClass: CLASS_NAMES.indexOf(table.class), fields };
}

function fieldOf({ stored, shown }: CaptureColumn, column: number): FieldPlan {
  const { name, from } = shown;
  if (stored.kind === 'text') {
    return from.how === 'default'
      ? { name, form: 'text', column, standard: from.value }
      : { name, form: 'text', column };
  }
  return { name, form: from.how === 'octal' ? 'octal' : 'integer', column };
}

/** What is wrong with a line, in one sentence. */
export function explainProblem({ what, name, detail }: CaptureProblem): string {
  if (what === 'table') return unknownTable(name);
  if (what === 'column') return `${detail} has no column ${JSON.stringify(name)}`;
  const value = detail === '' ? '' : `: ${detail}`;
  return name === '' ? what : `${name} ${what}${value}`;
}

function unknownTable(name: string): string {
  const seen = EVENT_TABLES.find((table) => table.name === name);
  if (seen !== undefined) {
    const whole = CAPTURE_TABLES.get(seen.class)?.name;
    return `${name} does not show all that is stored; export ${whole} instead`;
  }
  const names = CAPTURE_PLANS.map((plan) => plan.name);
  const meant = suggest(name, names);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `${JSON.stringify(name)} is no event table${hint}`;
}
