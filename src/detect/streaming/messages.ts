/** What the main thread and the rule thread tell each other. */
import type { CpuTime } from '../../sql/types.ts';

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

/** A statement that could find something, by its rule's index and its own among the rule's. */
export interface Suspect {
  readonly rule: number;
  readonly statement: number;
}

/** Asks for a pass over all events up to `upto`. */
export interface PassRequest {
  /** Rules that are not behind by themselves have seen events up to here. */
  readonly after: bigint;
  readonly upto: bigint;
  /** Of those rules: what to run, in order; null: all. */
  readonly suspects: readonly Suspect[] | null;
}

/** A rule that ran, came to another place than `upto`, or failed. */
export interface RuleOutcome {
  readonly rule: number; // index
  readonly rows: readonly string[]; // encoded, see rowEncoder
  readonly position: bigint;
  readonly ran: boolean; // false: it waits after a failure
  readonly wallMs: number;
  readonly cpu: CpuTime;
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
  readonly busyMs: number;
  /** What state tables could not read. */
  readonly warnings: readonly string[];
}

export type RuleThreadMessage =
  | { readonly kind: 'ready'; readonly connection: number }
  | PassResult;
