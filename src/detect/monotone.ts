import type { Token } from './tokenizer.ts';

const NOT_MONOTONE = new Set([
  ...['LEFT', 'RIGHT', 'FULL', 'OUTER', 'UNION', 'EXCEPT', 'INTERSECT', 'RECURSIVE'],
  ...['GROUP', 'HAVING', 'DISTINCT', 'LIMIT', 'OFFSET', 'OVER', 'WINDOW'],
]);
const AGGREGATES = new Set([
  ...['COUNT', 'SUM', 'TOTAL', 'AVG', 'GROUP_CONCAT', 'STRING_AGG', 'MEDIAN', 'PERCENTILE'],
  ...['PERCENTILE_CONT', 'PERCENTILE_DISC', 'JSON_GROUP_ARRAY', 'JSON_GROUP_OBJECT'],
  ...['JSONB_GROUP_ARRAY', 'JSONB_GROUP_OBJECT'],
]);
/** Aggregates with one argument, ordinary functions with more. */
const EXTREMES = new Set(['MIN', 'MAX']);

/**
 * True for selections, projections and inner joins: more rows in a table only add rows to the
 * result, each made of one row per table. Errs on the side of false.
 */
export function isMonotone(tokens: readonly Token[]): boolean {
  if (aggregateCalls(tokens).length > 0) return false;
  return !tokens.some((token, i) => {
    if (token.kind !== 'word') return false;
    // left(...) and the like would be functions; IS DISTINCT FROM compares.
    if (token.text === 'DISTINCT') return tokens[i + 1]?.text !== 'FROM';
    if (tokens[i - 1]?.text === '.') return false;
    return NOT_MONOTONE.has(token.text);
  });
}

/** Indexes of the names of aggregate functions that are called. */
export function aggregateCalls(tokens: readonly Token[]): readonly number[] {
  return tokens.flatMap((token, i) => {
    if (token.kind !== 'word' || tokens[i + 1]?.text !== '(') return [];
    const extreme = EXTREMES.has(token.text) && !hasComma(tokens, i + 1);
    return extreme || AGGREGATES.has(token.text) ? [i] : [];
  });
}

function hasComma(tokens: readonly Token[], open: number): boolean {
  const depth = (tokens[open] as Token).depth;
  for (let i = open + 1; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.depth === depth && token.text === ')') return false;
    if (token.depth === depth + 1 && token.text === ',') return true;
  }
  return false;
}
