import type { QueryPlan } from '../driver.ts';
import { aggregateCalls } from '../monotone.ts';
import { type TableRef, type TableRefs, tableRefs } from '../table-refs.ts';
import { type Token, tokenize } from '../tokenizer.ts';
import { enclosing, type Span } from './enclosing.ts';

const COMPOUND = new Set(['UNION', 'EXCEPT', 'INTERSECT']);
const OF_A_BATCH: Readonly<Record<string, string>> = {
  GROUP: 'GROUP BY would group',
  HAVING: 'HAVING would look at',
  DISTINCT: 'DISTINCT would compare',
  LIMIT: 'LIMIT would count',
  OFFSET: 'OFFSET would count',
  OVER: 'a window function would see',
  EXCEPT: 'EXCEPT would compare',
  INTERSECT: 'INTERSECT would compare',
};
const ONLY_A_BATCH =
  'only the rows of one batch, however many those happen to be; count or compare over history in a subquery';

/** Why a query cannot run as a streaming rule, in one sentence; null when it can. */
export function whyNotStreaming(plan: QueryPlan, snapshot: boolean): string | null {
  if (snapshot) return 'a snapshot shows all rows, a streaming rule only new ones';
  if (plan.kind !== 'events')
    return 'a streaming rule is driven by an event table, and the query reads none';
  for (const statement of plan.statements) {
    const tokens = tokenize(statement);
    const found = tableRefs(tokens);
    const drivers = found.refs.filter((ref) => ref.table.startsWith('new_'));
    const reason = whyNot(tokens, found, drivers);
    if (reason !== null) return reason;
  }
  return null;
}

function whyNot(
  tokens: readonly Token[],
  found: TableRefs,
  drivers: readonly TableRef[],
): string | null {
  const unions = tokens.filter((t) => t.depth === 0 && isWord(t) && t.text === 'UNION').length;
  const branches = 1 + unions;
  if (branches > 1 && new Set(drivers.map((ref) => ref.branch)).size < branches) {
    return 'a SELECT of the UNION reads no event table: its rows would come with every batch';
  }
  for (const driver of drivers) {
    const reason = whyNotFrom(tokens, found, driver);
    if (reason !== null) return reason;
  }
  return null;
}

/** Follows the driver's rows from where it stands out to the result. */
function whyNotFrom(tokens: readonly Token[], found: TableRefs, ref: TableRef): string | null {
  if (ref.nested)
    return `${shown(ref)} stands in a subquery of an expression: name another "driver"`;
  for (const span of enclosing(tokens, ref.token)) {
    const reason = whyNotIn(tokens, span, ref);
    if (reason !== null) return reason;
  }
  if (ref.cte === null) return null;
  if (tokens.some((t) => isWord(t) && t.text === 'RECURSIVE')) {
    return `${shown(ref)} stands in a recursive expression: keep it outside`;
  }
  const readers = found.refs.filter((other) => other.table === ref.cte);
  if (readers.length > 1) return `${ref.cte}, which holds the new rows, is read more than once`;
  return readers[0] === undefined ? null : whyNotFrom(tokens, found, readers[0]);
}

function whyNotIn(tokens: readonly Token[], span: Span, ref: TableRef): string | null {
  const { depth } = tokens[span.start] as Token;
  const own = segmentOf(tokens, span, ref.token, depth);
  for (let i = span.start; i < span.end; i++) {
    const token = tokens[i] as Token;
    if (token.depth !== depth || !isWord(token) || tokens[i - 1]?.text === '.') continue;
    const compares = token.text === 'DISTINCT' && tokens[i + 1]?.text === 'FROM';
    const everywhere = token.text === 'LIMIT' || COMPOUND.has(token.text);
    if (!everywhere && (i < own.start || i >= own.end)) continue;
    if (token.text === 'UNION' && tokens[i + 1]?.text !== 'ALL') {
      return `UNION would compare ${ONLY_A_BATCH}; UNION ALL does not`;
    }
    const what = OF_A_BATCH[token.text];
    if (what !== undefined && !compares) return `${what} ${ONLY_A_BATCH}`;
    const join = token.text === 'LEFT' || token.text === 'RIGHT' || token.text === 'FULL';
    const next = tokens[i + 1]?.text;
    if (join && (next === 'JOIN' || next === 'OUTER') && (token.text !== 'LEFT' || i < ref.token)) {
      return `with ${token.text} JOIN before or beside it, rows of other tables would come with every batch: put ${shown(ref)} first`;
    }
  }
  const call = aggregateCalls(tokens).find(
    (i) => tokens[i]?.depth === depth && i >= own.start && i < own.end,
  );
  if (call === undefined) return null;
  return `${tokens[call]?.text.toLowerCase()}() would count ${ONLY_A_BATCH}`;
}

/** The SELECT of a compound that the token stands in. */
function segmentOf(tokens: readonly Token[], span: Span, token: number, depth: number): Span {
  let { start, end } = span;
  for (let i = span.start; i < span.end; i++) {
    const at = tokens[i] as Token;
    if (at.depth !== depth || !isWord(at) || !COMPOUND.has(at.text)) continue;
    if (i < token) start = i + 1;
    else end = Math.min(end, i);
  }
  return { start, end };
}

function isWord(token: Token): boolean {
  return token.kind === 'word';
}

function shown(ref: TableRef): string {
  const name = ref.table.replace(/^new_/, '');
  return ref.alias === null || ref.alias === name ? name : `${name} ${ref.alias}`;
}
