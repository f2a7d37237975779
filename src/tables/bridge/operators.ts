import type { SqlType } from '../spec.ts';
import type { StateColumn } from './table.ts';

/** By their number in addon/tables/plan.h. */
export const OPERATORS = ['=', 'LIKE', 'GLOB', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];

/** Ranges of text are left out: SQLite adds them to every LIKE, where they say nothing new. */
const OF_TEXT: readonly Operator[] = ['=', 'LIKE', 'GLOB'];

function operatorsOf(column: StateColumn): readonly Operator[] {
  if (column.operators !== undefined) return column.operators;
  if (column.required || column.additional) return column.type === 'TEXT' ? OF_TEXT : OPERATORS;
  return column.index ? ['='] : [];
}

/** Bit set of the operators on a column that its table gets to see. */
export function operatorBits(column: StateColumn): number {
  return operatorsOf(column).reduce((bits, name) => bits | (1 << OPERATORS.indexOf(name)), 0);
}

/** How addon/tables/script_table.h shows a type. */
export function shownAs(type: SqlType): number {
  if (type === 'TEXT') return 2;
  return type === 'DOUBLE' ? 1 : 0;
}
