import type Database from 'better-sqlite3';
import { WeirError } from '../../config/errors.ts';
import { native } from '../../native/addon.ts';
import type { NativeLiteralFilter } from '../../native/rules.ts';
import { rowEncoder } from '../../results/encode-row.ts';
import { CLASS_NAMES } from '../../sensor/schema.ts';
import type { Connection } from '../../sql/connection.ts';
import { explainFailure } from '../../sql/failure.ts';
import type { SqlValue } from '../../sql/types.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import type { PassResult, RuleMessage, RuleOutcome, RuleThreadData } from './messages.ts';
import { isMet, LiteralTable } from './need.ts';
import { type NewRows, newRowsOf } from './required-literals.ts';

const TABLES = new Map(EVENT_TABLES.map((table) => [table.name, table]));
const SPAN_LIMIT = 1n << 62n;
/** A rule that failed waits this long, doubling, so that it cannot take the others' time. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 60_000;
/** Spans of one rule that took too long, before it counts as failing: a busy host does that to any. */
const CUTS_IN_A_ROW = 4;

/** One SELECT of a rule. Each FROM that shows new rows can give it results on its own. */
interface Statement {
  readonly sql: string;
  readonly newRows: readonly NewRows[];
  prepared: Database.Statement<[], SqlValue[]> | null;
  encode: (row: readonly SqlValue[]) => string;
}

interface Rule {
  readonly statements: readonly Statement[];
  position: bigint;
  span: bigint; // seqs that a run covers at most
  failures: number; // in a row
  retryAt: number;
}

/** What the literal filter saw among (after, upto]; null: nothing is known. */
type Sight = Uint8Array | null;

/**
 * Runs rules over new rows on one connection; belongs to one thread. A pass asks once which literals
 * occur among the new rows, and runs only statements that could find something there.
 */
export class RuleEngine {
  readonly #connection: Connection;
  readonly #options: Omit<RuleThreadData, 'rules' | 'path'>;
  readonly #rules: Rule[];
  readonly #filter: NativeLiteralFilter;
  readonly #now: () => number;
  #deadline = 0; // token; 0: none is set
  #armedAt = 0;
  #ran = 0;
  #skipped = 0;

  /** @param now milliseconds, monotonic */
  constructor(
    connection: Connection,
    data: RuleThreadData,
    now: () => number = () => performance.now(),
  ) {
    this.#connection = connection;
    this.#options = data;
    this.#now = now;
    const literals = new LiteralTable();
    this.#rules = data.rules.map((rule) => makeRule(rule, literals));
    this.#filter = native.openLiteralFilter(data.path, literals.literals);
  }

  /** Brings every rule up to `upto`, or as far as its limits let it come. */
  pass(upto: bigint): PassResult {
    const started = this.#now();
    this.#ran = 0;
    this.#skipped = 0;
    const outcomes: RuleOutcome[] = [];
    const sights = new Map<bigint, Sight>();
    let caughtUp = true;
    for (const [index, rule] of this.#rules.entries()) {
      const before = rule.position;
      if (before >= upto) continue;
      if (rule.retryAt > started) {
        outcomes.push({ rule: index, rows: [], position: before, cut: false, error: '' });
        continue;
      }
      const outcome = this.#advance(rule, upto, sights);
      if (rule.position < upto) caughtUp &&= rule.failures > 0;
      if (outcome.rows.length > 0 || outcome.error !== '' || outcome.cut || rule.position < upto) {
        outcomes.push({ rule: index, position: rule.position, ...outcome });
      }
    }
    this.#clearDeadline();
    return {
      kind: 'passed',
      upto,
      outcomes,
      caughtUp,
      ran: this.#ran,
      skipped: this.#skipped,
      busyMs: this.#now() - started,
      warnings: this.#connection.warnings.take(),
    };
  }

  #advance(
    rule: Rule,
    upto: bigint,
    sights: Map<bigint, Sight>,
  ): Pick<RuleOutcome, 'rows' | 'cut' | 'error'> {
    const after = rule.position;
    const end = upto - after > rule.span ? after + rule.span : upto;
    const length = end - after;
    const rows: string[] = [];
    try {
      const cut = this.#run(rule, after, end, this.#sight(after, upto, sights), rows);
      if (cut && length > 1n) {
        rule.span = length / 2n;
        return { rows: [], cut: false, error: '' };
      }
      rule.position = end;
      rule.failures = 0;
      if (rule.span < SPAN_LIMIT) rule.span *= 2n;
      return { rows, cut, error: '' };
    } catch (error) {
      return { rows: [], cut: false, error: this.#failed(rule, error, length) };
    }
  }

  /**
   * A span that takes too long is cut, which is no failure unless it is again and again; an event that
   * alone takes too long is given up.
   */
  #failed(rule: Rule, error: unknown, length: bigint): string {
    const late = error instanceof WeirError && error.code === 'SQL_TIMEOUT';
    const message = error instanceof Error ? error.message : String(error);
    if (late && length > 1n) {
      rule.span = length / 2n;
    } else if (late) {
      rule.position += 1n;
      return `${message}; gave up on the event with seq ${rule.position}`;
    }
    const wait = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(rule.failures, 16));
    rule.failures++;
    rule.retryAt = this.#now() + wait;
    return late && rule.failures <= CUTS_IN_A_ROW ? '' : message;
  }

  #sight(after: bigint, upto: bigint, sights: Map<bigint, Sight>): Sight {
    let sight = sights.get(after);
    if (sight === undefined) {
      sight = this.#filter.scan(after, upto);
      sights.set(after, sight);
    }
    return sight;
  }

  /** True when rows were cut. */
  #run(rule: Rule, after: bigint, upto: bigint, sight: Sight, rows: string[]): boolean {
    for (const statement of rule.statements) {
      if (sight !== null && !mayFind(statement, sight)) {
        this.#skipped++;
        continue;
      }
      this.#ran++;
      if (this.#collect(statement, after, upto, rows)) return true;
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

function makeRule(rule: RuleMessage, literals: LiteralTable): Rule {
  const statements = rule.statements.map((sql): Statement => {
    const newRows = newRowsOf(sql, TABLES, literals);
    return { sql, newRows, prepared: null, encode: () => '' };
  });
  return { statements, position: rule.position, span: SPAN_LIMIT, failures: 0, retryAt: 0 };
}

function mayFind(statement: Statement, sight: Uint8Array): boolean {
  const literals = sight.subarray(CLASS_NAMES.length);
  return statement.newRows.some(
    ({ table, need }) => sight[CLASS_NAMES.indexOf(table.class)] === 1 && isMet(need, literals),
  );
}
