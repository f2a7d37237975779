/** What a rule asks of one event: the form between YAML and SQL. */

/** A pattern that has to cover the whole value: plain text, any characters, one character. */
export type Piece = { readonly text: string } | '*' | '?';

export type TextRelation = 'equals' | 'contains' | 'startswith' | 'endswith';

export type Test =
  | { readonly kind: 'text'; readonly pieces: readonly Piece[]; readonly cased: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'compare';
      readonly operator: '<' | '<=' | '>' | '>=';
      readonly value: number;
    }
  | { readonly kind: 'empty' }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'cidr'; readonly block: string }
  | {
      readonly kind: 'field';
      readonly field: string;
      readonly relation: TextRelation;
      readonly cased: boolean;
    };

export type Expression =
  | { readonly op: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly op: 'not'; readonly of: Expression }
  /** A field's value, or with null any text of the event. */
  | { readonly op: 'test'; readonly field: string | null; readonly test: Test };

export function join(op: 'and' | 'or', of: readonly Expression[]): Expression {
  return of.length === 1 ? (of[0] as Expression) : { op, of };
}
