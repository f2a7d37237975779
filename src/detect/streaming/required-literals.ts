import type { EventTableSpec } from '../../tables/spec.ts';
import { type TableRef, tableRefs } from '../table-refs.ts';
import { type Token, tokenize } from '../tokenizer.ts';
import { enclosing, type Span } from './enclosing.ts';
import { ANYWHERE, allOf, anyOf, type LiteralTable, type Need } from './need.ts';

/** Words that end the WHERE of a SELECT. */
const ENDS_WHERE = new Set([
  ...['GROUP', 'HAVING', 'WINDOW', 'ORDER', 'LIMIT', 'UNION', 'EXCEPT', 'INTERSECT', 'RETURNING'],
]);
const FOLDS = new Set(['LOWER', 'UPPER', 'TRIM']);
/** Takes from the ends of a text. */
const TRIMS = 'TRIM';
const PREFIX = 'new_';

/** A reference to the new rows of an event table. */
export interface NewRows {
  readonly table: EventTableSpec;
  /** What must occur among them for the statement to have a result. */
  readonly need: Need;
}

/** The tables whose new rows a planned statement shows, each with what its WHERE requires. */
export function newRowsOf(
  statement: string,
  tables: ReadonlyMap<string, EventTableSpec>,
  literals: LiteralTable,
): readonly NewRows[] {
  const tokens = tokenize(statement);
  const { refs } = tableRefs(tokens);
  return refs.flatMap((ref) => {
    const table = ref.table.startsWith(PREFIX)
      ? tables.get(ref.table.slice(PREFIX.length))
      : undefined;
    if (table === undefined) return [];
    const need = new Conditions(tokens, refs, ref, table, literals).need();
    return [{ table, need: allOf([literals.rows(table), need]) }];
  });
}

/** A column as a condition names it. */
interface ColumnAt {
  readonly name: string;
  /** The token behind it. */
  readonly next: number;
  /** What is compared may begin and end elsewhere than the column's value. */
  readonly trimmed: boolean;
}

/** Reads the conditions that the WHERE around a reference sets for its columns. */
class Conditions {
  readonly #tokens: readonly Token[];
  readonly #table: EventTableSpec;
  readonly #literals: LiteralTable;
  readonly #alias: string;
  readonly #where: Span | null;
  /** Whether a name without a table before it can only be a column of this table. */
  readonly #alone: boolean;

  constructor(
    tokens: readonly Token[],
    refs: readonly TableRef[],
    ref: TableRef,
    table: EventTableSpec,
    literals: LiteralTable,
  ) {
    this.#tokens = tokens;
    this.#table = table;
    this.#literals = literals;
    this.#alias = ref.alias ?? ref.table;
    const { depth } = tokens[ref.token] as Token;
    const around = enclosing(tokens, ref.token).at(-1) as Span;
    this.#where = this.#whereAfter(ref.token, around, depth);
    const others = refs.filter(
      (other) =>
        other !== ref && inside(other.token, around) && tokens[other.token]?.depth === depth,
    );
    this.#alone = others.length === 0 && !this.#derived(around, ref.token);
  }

  need(): Need {
    return this.#where === null ? true : this.#either(this.#where);
  }

  #whereAfter(from: number, around: Span, depth: number): Span | null {
    let start = -1;
    for (let i = from; i < around.end; i++) {
      const token = this.#tokens[i] as Token;
      if (token.depth !== depth || token.kind !== 'word') continue;
      if (ENDS_WHERE.has(token.text)) return start < 0 ? null : { start, end: i };
      if (token.text === 'WHERE') start = i + 1;
    }
    return start < 0 ? null : { start, end: around.end };
  }

  /** A subquery or table function stands beside the reference. */
  #derived(around: Span, reference: number): boolean {
    const end = this.#where?.start ?? around.end;
    for (let i = around.start; i < end; i++) {
      if (this.#tokens[i]?.text === '(' && i > reference) return true;
    }
    return false;
  }

  #either(span: Span): Need {
    if (this.#has(span, 'CASE')) return true;
    return anyOf(this.#split(span, 'OR').map((part) => this.#both(part)));
  }

  #both(span: Span): Need {
    return allOf(this.#split(span, 'AND').map((part) => this.#term(part)));
  }

  #term({ start, end }: Span): Need {
    const first = this.#tokens[start];
    if (first === undefined || start >= end) return true;
    if (first.text === '(' && this.#close(start) === end - 1) {
      const subquery = this.#tokens[start + 1]?.text;
      if (subquery === 'SELECT' || subquery === 'WITH' || subquery === 'VALUES') return true;
      return this.#either({ start: start + 1, end: end - 1 });
    }
    const left = this.#column(start);
    if (left !== null) return this.#comparison(left, end);
    // 'text' = column
    const operator = this.#tokens[start + 1]?.text;
    if (operator !== '=' && operator !== '==') return true;
    const right = this.#column(start + 2);
    const value = plainValue(first);
    if (right === null || right.next !== end || value === null) return true;
    return this.#equals(right, value);
  }

  #comparison(column: ColumnAt, end: number): Need {
    const at = column.next;
    const operator = this.#tokens[at];
    const value = plainValue(this.#tokens[at + 1]);
    switch (operator?.text) {
      case '=':
      case '==':
      case 'IS':
        if (value === null || !this.#endsAfter(at + 2, end)) return true;
        // A collation may not look at the end of a text.
        return this.#equals({ ...column, trimmed: column.trimmed || end > at + 2 }, value);
      case 'LIKE': {
        const escaped = this.#tokens[at + 2]?.text === 'ESCAPE';
        const mark = escaped ? textOf(this.#tokens[at + 3]) : '';
        if (typeof value !== 'string' || mark === null || end !== at + (escaped ? 4 : 2))
          return true;
        return this.#pieces(column, likePieces(value, mark));
      }
      case 'GLOB':
        if (typeof value !== 'string' || at + 2 !== end) return true;
        return this.#pieces(column, globPieces(value));
      case 'IN':
        return this.#list(column, at + 1, end);
      default:
        return true;
    }
  }

  #equals({ name, trimmed }: ColumnAt, value: string | number): Need {
    if (typeof value === 'number') return this.#literals.number(this.#table, name, value);
    return this.#literals.equals(this.#table, name, value, trimmed ? ANYWHERE : undefined);
  }

  #list(column: ColumnAt, open: number, end: number): Need {
    if (this.#tokens[open]?.text !== '(' || this.#close(open) !== end - 1) return true;
    const needs: Need[] = [];
    for (let i = open + 1; i < end - 1; i += 2) {
      const value = plainValue(this.#tokens[i]);
      const separator = this.#tokens[i + 1]?.text;
      if (value === null || (separator !== ',' && i + 1 !== end - 1)) return true;
      needs.push(this.#equals(column, value));
    }
    return anyOf(needs);
  }

  /** What stands between wildcards: the first piece begins the text, the last one ends it. */
  #pieces({ name, trimmed }: ColumnAt, pieces: readonly string[]): Need {
    const needs = pieces.map((piece, i) => {
      // One letter occurs in nearly everything.
      if (piece.length < 2) return true;
      const [atStart, atEnd] = [i === 0, i === pieces.length - 1];
      const place = trimmed ? ANYWHERE : { atStart, atEnd };
      return this.#literals.contains(this.#table, name, piece, place);
    });
    return allOf(needs);
  }

  /** `column`, `table.column`, or one of them inside lower() and the like, at token i. */
  #column(i: number): ColumnAt | null {
    const token = this.#tokens[i];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return null;
    const next = this.#tokens[i + 1]?.text;
    if (next === '(') {
      if (!FOLDS.has(token.text)) return null;
      const inner = this.#column(i + 2);
      return inner !== null && this.#tokens[inner.next]?.text === ')'
        ? { ...inner, next: inner.next + 1, trimmed: inner.trimmed || token.text === TRIMS }
        : null;
    }
    if (next === '.') {
      const column = this.#tokens[i + 2];
      if (column === undefined || token.text.toLowerCase() !== this.#alias) return null;
      return { name: column.text.toLowerCase(), next: i + 3, trimmed: false };
    }
    return this.#alone && token.kind === 'word'
      ? { name: token.text.toLowerCase(), next: i + 1, trimmed: false }
      : null;
  }

  #endsAfter(i: number, end: number): boolean {
    return i === end || (this.#tokens[i]?.text === 'COLLATE' && i + 2 === end);
  }

  #close(open: number): number {
    const { depth } = this.#tokens[open] as Token;
    for (let i = open + 1; i < this.#tokens.length; i++) {
      const token = this.#tokens[i] as Token;
      if (token.depth === depth && token.text === ')') return i;
    }
    return -1;
  }

  #has(span: Span, word: string): boolean {
    const depth = this.#tokens[span.start]?.depth;
    for (let i = span.start; i < span.end; i++) {
      const token = this.#tokens[i] as Token;
      if (token.depth === depth && token.kind === 'word' && token.text === word) return true;
    }
    return false;
  }

  /** Parts between these words, at the depth of the span. The AND of BETWEEN belongs to it. */
  #split(span: Span, word: 'AND' | 'OR'): Span[] {
    const depth = this.#tokens[span.start]?.depth;
    const parts: Span[] = [];
    let { start } = span;
    let between = false;
    for (let i = span.start; i < span.end; i++) {
      const token = this.#tokens[i] as Token;
      if (token.depth !== depth || token.kind !== 'word') continue;
      if (token.text === 'BETWEEN') between = true;
      else if (between && token.text === 'AND') between = false;
      else if (token.text === word) {
        parts.push({ start, end: i });
        start = i + 1;
      }
    }
    parts.push({ start, end: span.end });
    return parts;
  }
}

function inside(token: number, span: Span): boolean {
  return token >= span.start && token < span.end;
}

/** The value of a text literal; null for anything else, blobs too. */
function textOf(token: Token | undefined): string | null {
  if (token?.kind !== 'string' || !token.text.startsWith("'") || token.text.length < 2) return null;
  return token.text.slice(1, -1).replaceAll("''", "'");
}

/** The same, or a whole number in decimal digits. */
function plainValue(token: Token | undefined): string | number | null {
  if (token?.kind === 'number') return /^\d+$/.test(token.text) ? Number(token.text) : null;
  return textOf(token);
}

/** What a LIKE pattern asks for between its wildcards; `mark` makes the next character plain. */
function likePieces(pattern: string, mark: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let i = 0; i < pattern.length; i++) {
    let character = pattern[i] as string;
    if (character === '%' || character === '_') {
      pieces.push(piece);
      piece = '';
      continue;
    }
    if (character === mark && i + 1 < pattern.length) character = pattern[++i] as string;
    piece += character;
  }
  return [...pieces, piece];
}

function globPieces(pattern: string): string[] {
  return pattern.split(/\*|\?|\[\^?\]?[^\]]*(?:\]|$)/);
}
