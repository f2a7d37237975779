/** Literals that rules ask for, found before they run (addon/rules). */

interface OfColumn {
  readonly eventClass: number;
  readonly column: number; // index of a column of the class
}

/** A text that occurs in a text column, in either case of its ASCII letters. */
export interface TextLiteral extends OfColumn {
  readonly text: string; // not empty
  /** The column's value begins, ends with it. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** What an integer column equals. */
export interface NumberLiteral extends OfColumn {
  readonly number: number; // an integer that is exact
}

export type Literal = TextLiteral | NumberLiteral;

export interface NativeLiteralFilter {
  /** Looks at the rows after < seq <= upto that are in memory: one byte per class (1: there are
   * rows), then one per literal (1: it may occur). null: not all of those rows are in memory. */
  scan(after: bigint, upto: bigint): Uint8Array | null;
}
