/** What the main thread and the rule thread tell each other. */

/** A rule as the rule thread runs it. */
export interface RuleMessage {
  readonly name: string;
  /** Run with the window (position, upto], one after another. */
  readonly statements: readonly string[];
  /** The rule has seen events up to this seq. */
  readonly position: bigint;
}

export interface RuleThreadData {
  readonly path: string; // of events.db
  readonly rules: readonly RuleMessage[];
  readonly numerics: boolean;
  readonly timeoutMs: number; // of one statement
  readonly maxRows: number; // of one rule in one pass
}

/** Asks for a pass over all events up to this seq. */
export interface PassRequest {
  readonly upto: bigint;
}

/** A rule that found something, came to another place than `upto`, or failed. */
export interface RuleOutcome {
  readonly rule: number; // index
  readonly rows: readonly string[]; // encoded, see rowEncoder
  readonly position: bigint;
  /** Rows of a single event above the limit were cut. */
  readonly cut: boolean;
  readonly error: string; // '' when it went well
}

export interface PassResult {
  readonly kind: 'passed';
  readonly upto: bigint;
  readonly outcomes: readonly RuleOutcome[];
  /** Rules not named in outcomes are at `upto`; false: some rule has more to do before that. */
  readonly caughtUp: boolean;
  readonly ran: number; // statements
  readonly skipped: number; // statements that the literals spared
  readonly busyMs: number;
  /** What state tables could not read. */
  readonly warnings: readonly string[];
}

export type RuleThreadMessage =
  | { readonly kind: 'ready'; readonly connection: number }
  | PassResult;
