import { native } from '../../native/addon.ts';
import type { NativeLiteralFilter } from '../../native/rules.ts';
import { CLASS_NAMES } from '../../sensor/schema.ts';
import { EVENT_TABLES } from '../../tables/events/index.ts';
import type { RuleMessage, Suspect } from './messages.ts';
import { isMet, LiteralTable, type Need, signsOf } from './need.ts';
import { newRowsOf } from './required-literals.ts';

const TABLES = new Map(EVENT_TABLES.map((table) => [table.name, table]));

/** A statement, and what each FROM that shows new rows needs to give it results on its own. */
interface Watched extends Suspect {
  readonly newRows: readonly { readonly eventClass: number; readonly need: Need }[];
}

/**
 * Says which statements could find something among new rows, without running any: one native look
 * at what was appended, which is so cheap that the rule thread sleeps while nothing can match.
 */
export class RuleSieve {
  readonly #watched: readonly Watched[];
  /** Indexes of those to look at when a literal occurs, by its id, or rows of a class do. */
  readonly #ofLiteral: readonly number[][];
  readonly #ofClass: readonly number[][];
  readonly #filter: NativeLiteralFilter;

  /** @param path of events.db */
  constructor(path: string, rules: readonly Pick<RuleMessage, 'statements'>[]) {
    const table = new LiteralTable();
    this.#watched = rules.flatMap(({ statements }, rule) =>
      statements.map((sql, statement) => ({
        rule,
        statement,
        newRows: newRowsOf(sql, TABLES, table).map(({ table: { class: className }, need }) => ({
          eventClass: CLASS_NAMES.indexOf(className),
          need,
        })),
      })),
    );
    this.#ofLiteral = table.literals.map(() => []);
    this.#ofClass = CLASS_NAMES.map(() => []);
    for (const [i, { newRows }] of this.#watched.entries()) {
      for (const { eventClass, need } of newRows) {
        if (need === true) this.#ofClass[eventClass]?.push(i);
        else for (const id of signsOf(need, table.literals)) this.#ofLiteral[id]?.push(i);
      }
    }
    this.#filter = native.openLiteralFilter(path, table.literals);
  }

  /** Of the rows after < seq <= upto, in order; null: nothing is known, any statement could. */
  suspects(after: bigint, upto: bigint): readonly Suspect[] | null {
    const sight = this.#filter.scan(after, upto);
    if (sight === null) return null;
    const literals = sight.subarray(CLASS_NAMES.length);
    const met = new Set<number>();
    for (const [eventClass, some] of this.#ofClass.entries()) {
      if (sight[eventClass] === 1) for (const i of some) met.add(i);
    }
    for (let id = literals.indexOf(1); id >= 0; id = literals.indexOf(1, id + 1)) {
      for (const i of this.#ofLiteral[id] as number[]) {
        if (!met.has(i) && canFind(this.#watched[i] as Watched, sight, literals)) met.add(i);
      }
    }
    return [...met].sort((a, b) => a - b).map((i) => suspectOf(this.#watched[i] as Watched));
  }
}

function canFind({ newRows }: Watched, sight: Uint8Array, literals: Uint8Array): boolean {
  return newRows.some(({ eventClass, need }) => sight[eventClass] === 1 && isMet(need, literals));
}

function suspectOf({ rule, statement }: Watched): Suspect {
  return { rule, statement };
}
