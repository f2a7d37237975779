import type Database from 'better-sqlite3';
import { WeirError } from '../../config/errors.ts';
import { native } from '../../native/addon.ts';
import { rowEncoder } from '../../results/encode-row.ts';
import type { Connection } from '../../sql/connection.ts';
import { cpuSince } from '../../sql/cpu-time.ts';
import { explainFailure } from '../../sql/failure.ts';
import type { SqlValue } from '../../sql/types.ts';
import type {
  PassRequest,
  PassResult,
  RuleMessage,
  RuleOutcome,
  RuleThreadData,
  Suspect,
} from './messages.ts';

const SPAN_LIMIT = 1n << 62n;
/** A rule that failed waits this long, doubling, so that it cannot take the others' time. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 60_000;
/** Spans of one rule that took too long, before it counts as failing: a busy host does that to any. */
const CUTS_IN_A_ROW = 4;

/** One SELECT of a rule. */
interface Statement {
  readonly sql: string;
  prepared: Database.Statement<[], SqlValue[]> | null;
  encode: (row: readonly SqlValue[]) => string;
}

interface Rule {
  readonly statements: readonly Statement[];
  /** Null: with all others that are not behind. */
  position: bigint | null;
  span: bigint; // seqs that a run covers at most
  failures: number; // in a row
  retryAt: number;
}

type Advance = Pick<RuleOutcome, 'rows' | 'position' | 'cut' | 'error'>;

/** Of a rule that waits after a failure. */
const IDLE = {
  ...{ rows: [], ran: false, cut: false, error: '' },
  ...{ wallMs: 0, cpu: { userMs: 0, systemMs: 0 } },
};

/** Runs rules over new rows on one connection; belongs to one thread. */
export class RuleEngine {
  readonly #connection: Connection;
  readonly #options: Omit<RuleThreadData, 'rules' | 'path'>;
  readonly #rules: Rule[];
  readonly #now: () => number;
  #deadline = 0; // token; 0: none is set
  #armedAt = 0;

  /** @param now milliseconds, monotonic */
  constructor(
    connection: Connection,
    data: RuleThreadData,
    now: () => number = () => performance.now(),
  ) {
    this.#connection = connection;
    this.#options = data;
    this.#now = now;
    this.#rules = data.rules.map(makeRule);
  }

  /** Brings every rule up to `upto`, or as far as its limits let it come. */
  pass({ after, upto, suspects }: PassRequest): PassResult {
    const started = this.#now();
    const wanted = suspects === null ? null : byRule(suspects);
    const outcomes: RuleOutcome[] = [];
    let caughtUp = true;
    for (let index = 0; index < this.#rules.length; index++) {
      const rule = this.#rules[index] as Rule;
      const from = rule.position ?? after;
      if (from >= upto) {
        if (from === upto) rule.position = null;
        continue;
      }
      const those = rule.position === null && wanted !== null ? wanted.get(index) : null;
      if (those === undefined) continue;
      if (rule.retryAt > started) {
        outcomes.push({ ...IDLE, rule: index, position: from });
        continue;
      }
      const outcome = this.#measured(rule, index, from, upto, those);
      if (outcome.position < upto) caughtUp &&= rule.failures > 0;
      rule.position = outcome.position < upto ? outcome.position : null;
      outcomes.push(outcome);
    }
    this.#clearDeadline();
    return {
      kind: 'passed',
      upto,
      outcomes,
      caughtUp,
      busyMs: this.#now() - started,
      warnings: this.#connection.warnings.take(),
    };
  }

  #measured(
    rule: Rule,
    index: number,
    after: bigint,
    upto: bigint,
    statements: readonly number[] | null,
  ): RuleOutcome {
    const [began, used] = [performance.now(), process.threadCpuUsage()];
    const outcome = this.#advance(rule, after, upto, statements);
    const wallMs = performance.now() - began;
    return { rule: index, ran: true, wallMs, cpu: cpuSince(used), ...outcome };
  }

  #advance(rule: Rule, after: bigint, upto: bigint, statements: readonly number[] | null): Advance {
    const end = upto - after > rule.span ? after + rule.span : upto;
    const length = end - after;
    const rows: string[] = [];
    try {
      const cut = this.#run(rule, after, end, statements, rows);
      if (cut && length > 1n) {
        rule.span = length / 2n;
        return { rows: [], position: after, cut: false, error: '' };
      }
      rule.failures = 0;
      if (rule.span < SPAN_LIMIT) rule.span *= 2n;
      return { rows, position: end, cut, error: '' };
    } catch (error) {
      return { rows: [], cut: false, ...this.#failed(rule, error, after, length) };
    }
  }

  /**
   * A span that takes too long is cut, which is no failure unless it is again and again; an event that
   * alone takes too long is given up.
   */
  #failed(
    rule: Rule,
    error: unknown,
    position: bigint,
    length: bigint,
  ): Pick<Advance, 'position' | 'error'> {
    const late = error instanceof WeirError && error.code === 'SQL_TIMEOUT';
    const message = error instanceof Error ? error.message : String(error);
    if (late && length > 1n) {
      rule.span = length / 2n;
    } else if (late) {
      const lost = position + 1n;
      return { position: lost, error: `${message}; gave up on the event with seq ${lost}` };
    }
    const wait = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(rule.failures, 16));
    rule.failures++;
    rule.retryAt = this.#now() + wait;
    return { position, error: late && rule.failures <= CUTS_IN_A_ROW ? '' : message };
  }

  /** True when rows were cut. */
  #run(
    rule: Rule,
    after: bigint,
    upto: bigint,
    statements: readonly number[] | null,
    rows: string[],
  ): boolean {
    for (const i of statements ?? rule.statements.keys()) {
      if (this.#collect(rule.statements[i] as Statement, after, upto, rows)) return true;
    }
    return false;
  }

  #collect(statement: Statement, after: bigint, upto: bigint, rows: string[]): boolean {
    const { db, id } = this.#connection;
    const { timeoutMs, maxRows } = this.#options;
    native.connections.setWindow(id, after, upto);
    this.#armDeadline();
    try {
      statement.prepared ??= this.#prepare(statement);
      for (const row of statement.prepared.iterate()) {
        if (rows.length >= maxRows) return true;
        rows.push(statement.encode(row));
      }
      return false;
    } catch (error) {
      const late = this.#deadline !== 0 && native.connections.expired(this.#deadline);
      this.#clearDeadline();
      const question = { sql: statement.sql, timeoutMs };
      const { code, message } = explainFailure(db, question, error, { stopped: false, late });
      throw new WeirError(code, message, { cause: error });
    }
  }

  /**
   * Gives the next statement between three quarters of the time limit and all of it: setting a
   * deadline wakes a thread, which costs more than most statements.
   */
  #armDeadline(): void {
    const { timeoutMs } = this.#options;
    const now = performance.now();
    if (timeoutMs === 0 || (this.#deadline !== 0 && now - this.#armedAt < timeoutMs / 4)) return;
    this.#deadline = native.connections.deadline(this.#connection.id, timeoutMs);
    this.#armedAt = now;
  }

  #clearDeadline(): void {
    if (this.#deadline !== 0) native.connections.deadline(this.#connection.id, 0);
    this.#deadline = 0;
  }

  #prepare(statement: Statement): Database.Statement<[], SqlValue[]> {
    const prepared = this.#connection.db.prepare<[], SqlValue[]>(statement.sql).raw();
    const columns = prepared.columns().map(({ name, type }) => ({ name, type: type ?? '' }));
    statement.encode = rowEncoder(columns, this.#options.numerics);
    return prepared;
  }
}

function makeRule({ statements, position }: RuleMessage): Rule {
  return {
    statements: statements.map((sql) => ({ sql, prepared: null, encode: () => '' })),
    position,
    span: SPAN_LIMIT,
    failures: 0,
    retryAt: 0,
  };
}

function byRule(suspects: readonly Suspect[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const { rule, statement } of suspects) {
    const known = found.get(rule);
    if (known === undefined) found.set(rule, [statement]);
    else known.push(statement);
  }
  return found;
}
