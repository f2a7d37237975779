/** Literals that rules ask for, found before they run (addon/rules). */

/** A text that occurs in a column, in either case of its ASCII letters. */
export interface Literal {
  readonly eventClass: number;
  readonly column: number; // index of a text column of the class
  readonly text: string; // not empty
  /** The column's value begins, ends with it. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

export interface NativeLiteralFilter {
  /** Looks at the rows after < seq <= upto that are in memory: one byte per class (1: there are
   * rows), then one per literal (1: it may occur). null: not all of those rows are in memory. */
  scan(after: bigint, upto: bigint): Uint8Array | null;
}
