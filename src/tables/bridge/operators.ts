/** Operators of a constraint, by their number in addon/tables/plan.h. */
export const OPERATORS = ['=', 'LIKE', 'GLOB', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];
