import type { TableRef } from './table-refs.ts';
import type { Token } from './tokenizer.ts';

const CLOCKS = new Set(['TIME', 'NTIME', 'EID', 'SEQ']);
const COMPARES = new Set(['<', '<=', '>', '>=', '=', '==', 'BETWEEN', 'IN', 'IS']);
/** Words that end one term of a condition. BETWEEN's AND does too, which does no harm. */
const ENDS_TERM = new Set([
  ...['AND', 'OR', 'WHERE', 'ON', 'HAVING', 'SELECT', 'FROM', 'JOIN', 'GROUP', 'ORDER', 'LIMIT'],
  ...['WHEN', 'THEN', 'ELSE', 'CASE', 'UNION'],
]);

/**
 * Whether the query bounds time, ntime, eid or seq itself, as people do with osquery to get a span
 * of history (`WHERE time > strftime('%s', 'now') - 300`). Comparing the clocks of two tables
 * (`s.time >= p.time`) is a join and no bound.
 */
export function hasTimeBound(
  tokens: readonly Token[],
  refs: readonly TableRef[],
  eventTables: ReadonlySet<string>,
): boolean {
  const tables = new Set(refs.map((ref) => ref.token));
  const others = new Set(
    refs.filter((ref) => !eventTables.has(ref.table)).map((ref) => ref.alias ?? ref.table),
  );
  let clocks = 0;
  let compared = false;
  for (const [i, token] of tokens.entries()) {
    if (ends(token)) {
      if (clocks === 1 && compared) return true;
      clocks = 0;
      compared = false;
    } else if (isClock(token) && !tables.has(i) && isColumn(tokens, i, others)) {
      clocks++;
      compared ||= besideComparison(tokens, i);
    }
  }
  return clocks === 1 && compared;
}

function ends(token: Token): boolean {
  if (token.kind === 'word') return ENDS_TERM.has(token.text);
  return token.kind === 'operator' && (token.text === ',' || token.text === ';');
}

function isClock(token: Token): boolean {
  return (token.kind === 'word' || token.kind === 'quoted') && CLOCKS.has(token.text.toUpperCase());
}

/** Not a function, a table before a point, an alias after AS, or a column of another table. */
function isColumn(tokens: readonly Token[], i: number, others: ReadonlySet<string>): boolean {
  const owner = tokens[i - 1]?.text === '.' ? tokens[i - 2]?.text.toLowerCase() : undefined;
  if (owner !== undefined && others.has(owner)) return false;
  const next = tokens[i + 1]?.text;
  return next !== '(' && next !== '.' && tokens[i - 1]?.text !== 'AS';
}

function besideComparison(tokens: readonly Token[], i: number): boolean {
  const qualified = tokens[i - 1]?.text === '.';
  const before = tokens[qualified ? i - 3 : i - 1];
  let after = tokens[i + 1];
  if (after?.text === 'NOT') after = tokens[i + 2];
  return [before, after].some((token) => token !== undefined && COMPARES.has(token.text));
}
