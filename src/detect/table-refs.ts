import type { Token } from './tokenizer.ts';

/** A table name in table position: after FROM, JOIN, or a comma between tables. */
export interface TableRef {
  /** As written, without quotes, lower case. */
  readonly table: string;
  readonly alias: string | null;
  readonly qualified: boolean; // schema.table
  /** Index of the name's token. */
  readonly token: number;
  /** Inside a subquery that is (part of) an expression: IN (SELECT ...), EXISTS (...). */
  readonly nested: boolean;
  /** Which SELECT of a compound at the outermost level. */
  readonly branch: number;
  /** The common table expression that it stands in; null outside. */
  readonly cte: string | null;
}

interface Frame {
  readonly role: 'top' | 'from' | 'expression' | 'cte';
  readonly cte: string | null;
  inFrom: boolean;
  expectTable: boolean;
}

const COMPOUND = new Set(['UNION', 'EXCEPT', 'INTERSECT']);
const ENDS_FROM = new Set([
  ...COMPOUND,
  ...['SELECT', 'WHERE', 'GROUP', 'ORDER', 'LIMIT', 'HAVING', 'WINDOW', 'RETURNING'],
]);
const NO_ALIAS = new Set([
  ...ENDS_FROM,
  ...['ON', 'USING', 'JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'OUTER', 'CROSS', 'NATURAL'],
  ...['INDEXED', 'NOT'],
]);
const SUBQUERY = new Set(['SELECT', 'WITH', 'VALUES']);

export interface TableRefs {
  /** In the order of the text; references to common table expressions included. */
  readonly refs: readonly TableRef[];
  /** Names of the common table expressions, lower case. */
  readonly ctes: ReadonlySet<string>;
}

/** Finds all references to tables. */
export function tableRefs(tokens: readonly Token[]): TableRefs {
  return new RefFinder(tokens).find();
}

class RefFinder {
  readonly #tokens: readonly Token[];
  readonly #refs: TableRef[] = [];
  readonly #frames: Frame[] = [{ role: 'top', cte: null, inFrom: false, expectTable: false }];
  readonly #ctes = new Set<string>();
  #branch = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  find(): TableRefs {
    for (let i = 0; i < this.#tokens.length; i++) i = this.#step(i);
    return { refs: this.#refs, ctes: this.#ctes };
  }

  /** Handles token i and returns the last one that it used. */
  #step(i: number): number {
    const token = this.#tokens[i] as Token;
    const frame = this.#frames.at(-1) as Frame;
    if (token.kind === 'operator') {
      this.#operator(token, i, frame);
      return i;
    }
    if (frame.expectTable && isName(token)) return this.#table(i, frame);
    if (token.kind === 'word') this.#keyword(token, i, frame);
    return i;
  }

  #operator(token: Token, i: number, frame: Frame): void {
    if (token.text === '(') this.#frames.push(this.#opened(i, frame));
    else if (token.text === ')' && this.#frames.length > 1) this.#frames.pop();
    else if (token.text === ',' && frame.inFrom) frame.expectTable = true;
  }

  #opened(i: number, frame: Frame): Frame {
    const next = this.#tokens[i + 1];
    const subquery = next?.kind === 'word' && SUBQUERY.has(next.text);
    if (frame.expectTable) {
      frame.expectTable = false;
      return { role: 'from', cte: frame.cte, inFrom: !subquery, expectTable: !subquery };
    }
    const cte = subquery ? cteNameBefore(this.#tokens, i) : null;
    if (cte !== null) this.#ctes.add(cte);
    return {
      role: cte === null ? 'expression' : 'cte',
      cte: cte ?? frame.cte,
      inFrom: false,
      expectTable: false,
    };
  }

  #keyword(token: Token, i: number, frame: Frame): void {
    if (token.text === 'FROM') {
      // x IS NOT DISTINCT FROM y is a comparison.
      const distinct = this.#tokens[i - 1]?.text === 'DISTINCT';
      if (!distinct) frame.inFrom = frame.expectTable = true;
    } else if (token.text === 'JOIN' && frame.inFrom) {
      frame.expectTable = true;
    } else if (ENDS_FROM.has(token.text)) {
      frame.inFrom = frame.expectTable = false;
      if (COMPOUND.has(token.text) && frame.role === 'top') this.#branch++;
    }
  }

  #table(i: number, frame: Frame): number {
    frame.expectTable = false;
    const qualified = this.#tokens[i + 1]?.text === '.' && this.#tokens[i + 2] !== undefined;
    const at = qualified ? i + 2 : i;
    const alias = aliasAfter(this.#tokens, at);
    this.#refs.push({
      table: nameOf(this.#tokens[at] as Token).toLowerCase(),
      alias: alias?.name ?? null,
      qualified,
      token: at,
      nested: this.#frames.some((open) => open.role === 'expression'),
      branch: this.#branch,
      cte: frame.cte,
    });
    return alias?.token ?? at;
  }
}

function isName(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'quoted' || token.kind === 'string';
}

function nameOf(token: Token): string {
  return token.kind === 'string' ? token.text.slice(1, -1).replaceAll("''", "'") : token.text;
}

function aliasAfter(
  tokens: readonly Token[],
  at: number,
): { readonly name: string; readonly token: number } | null {
  const next = tokens[at + 1];
  if (next === undefined) return null;
  if (next.kind === 'word' && next.text === 'AS') {
    const named = tokens[at + 2];
    return named === undefined ? null : { name: nameOf(named).toLowerCase(), token: at + 2 };
  }
  if (!isName(next) || (next.kind === 'word' && NO_ALIAS.has(next.text))) return null;
  return { name: nameOf(next).toLowerCase(), token: at + 1 };
}

/** For the parenthesis of `name [(columns)] AS [NOT] [MATERIALIZED] (`: the name. */
function cteNameBefore(tokens: readonly Token[], open: number): string | null {
  let i = open - 1;
  if (tokens[i]?.text === 'MATERIALIZED') i--;
  if (tokens[i]?.text === 'NOT') i--;
  if (tokens[i]?.kind !== 'word' || tokens[i]?.text !== 'AS') return null;
  i--;
  if (tokens[i]?.text === ')') {
    while (i >= 0 && tokens[i]?.text !== '(') i--;
    i--;
  }
  const name = tokens[i];
  return name !== undefined && isName(name) ? nameOf(name).toLowerCase() : null;
}
