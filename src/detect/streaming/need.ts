import type { Literal } from '../../native/rules.ts';
import { columnIndex } from '../../sensor/batch.ts';
import { CLASS_NAMES, CLASSES, type ClassName } from '../../sensor/schema.ts';
import type { ColumnSpec, EventTableSpec } from '../../tables/spec.ts';

/**
 * What must occur in the dictionaries of new rows for a statement to have any result: a literal (by
 * its id), all or any of several needs. `true`: nothing is known, the statement has to run.
 */
export type Need =
  | true
  | number
  | { readonly all: readonly Need[] }
  | { readonly any: readonly Need[] };

export function allOf(needs: readonly Need[]): Need {
  const real = needs.filter((need) => need !== true);
  return real.length === 0 ? true : real.length === 1 ? (real[0] as Need) : { all: real };
}

export function anyOf(needs: readonly Need[]): Need {
  if (needs.length === 0 || needs.includes(true)) return true;
  return needs.length === 1 ? (needs[0] as Need) : { any: needs };
}

/** Ids of literals one of which occurs whenever the need is met: of those to choose from, the rarest. */
export function signsOf(
  need: Exclude<Need, true>,
  literals: readonly Literal[],
): readonly number[] {
  if (typeof need === 'number') return [need];
  const parts = ('all' in need ? need.all : need.any).filter((part) => part !== true);
  const signs = parts.map((part) => signsOf(part, literals));
  if ('any' in need) return [...new Set(signs.flat())];
  const rarity = (ids: readonly number[]): number =>
    Math.min(...ids.map((id) => rarityOf(literals[id] as Literal)));
  return signs.reduce((best, next) => (rarity(next) > rarity(best) ? next : best));
}

/** A guess: long texts are rare, but for words of a few, as `action` has them. */
function rarityOf(literal: Literal): number {
  if ('number' in literal) return literal.number > 1023 ? 8 : 1;
  const { text, atStart, atEnd } = literal;
  return atStart && atEnd && !text.includes('/') ? 2 : text.length;
}

/** @param occurs by literal id: 1 when it may occur */
export function isMet(need: Need, occurs: Uint8Array): boolean {
  if (need === true) return true;
  if (typeof need === 'number') return occurs[need] === 1;
  if ('all' in need) return need.all.every((part) => isMet(part, occurs));
  return need.any.some((part) => isMet(part, occurs));
}

/** Where in a value a text stands. */
export interface Place {
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

export const ANYWHERE: Place = { atStart: false, atEnd: false };
const WHOLE: Place = { atStart: true, atEnd: true };

/** Collects the literals of many statements, each once. */
export class LiteralTable {
  readonly #ids = new Map<string, number>();
  readonly #literals: Literal[] = [];

  get literals(): readonly Literal[] {
    return this.#literals;
  }

  /** The need that a column of the table holds this text there, whatever its letters' case. */
  contains(table: EventTableSpec, columnName: string, text: string, place: Place): Need {
    const from = columnOf(table, columnName)?.from;
    if (from === undefined || text === '' || text.includes('\0') || !text.isWellFormed())
      return true;
    if (from.how === 'default' && folded(from.value).includes(folded(text))) return true;
    if (from.how !== 'column' && from.how !== 'default') return true;
    return this.#stored(table, from.column, text, place);
  }

  /** The need that a column equals this text. */
  equals(table: EventTableSpec, columnName: string, text: string, place: Place = WHOLE): Need {
    const from = columnOf(table, columnName)?.from;
    if (from?.how !== 'map') return this.contains(table, columnName, text, place);
    const stored = Object.entries(from.map).flatMap(([key, shown]) =>
      folded(shown) === folded(text) ? [key] : [],
    );
    // A rename is two rows, whose words are not in the map.
    if (table.face === 'file_events') stored.push('rename');
    return anyOf([text, ...stored].map((value) => this.#stored(table, from.column, value, place)));
  }

  /** The need that a column equals this number. */
  number(table: EventTableSpec, columnName: string, value: number): Need {
    const column = columnOf(table, columnName);
    if (column?.from.how !== 'column' || column.type === 'TEXT' || column.type === 'DOUBLE')
      return true;
    const stored = column.from.column;
    if (!Number.isSafeInteger(value) || !isStored(table.class, stored, 'number')) return true;
    return this.#id({ ...placeOf(table.class, stored), number: value });
  }

  /** The need that there are rows of this table, of whose class there may be others. */
  rows({ class: className, only }: EventTableSpec): Need {
    if (only === undefined || !isStored(className, only.column, 'text')) return true;
    const { column, values } = only;
    return anyOf(values.map((value) => this.#text(className, column, value, WHOLE)));
  }

  #stored(table: EventTableSpec, column: string, text: string, place: Place): Need {
    const { class: className } = table;
    const columns = [column];
    // The second row of a rename shows its new name as target_path.
    if (table.face === 'file_events' && column === 'target_path') columns.push('dest_path');
    if (!columns.every((name) => isStored(className, name, 'text')) || text === '') return true;
    return anyOf(columns.map((name) => this.#text(className, name, text, place)));
  }

  #text(className: ClassName, column: string, text: string, { atStart, atEnd }: Place): number {
    return this.#id({ ...placeOf(className, column), text: folded(text), atStart, atEnd });
  }

  #id(literal: Literal): number {
    const key = JSON.stringify(literal);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#literals.push(literal) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

/** As SQLite's LIKE and lower() do: ASCII letters only. */
function folded(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function columnOf(table: EventTableSpec, name: string): ColumnSpec | undefined {
  return table.columns.find((c) => c.name === name || c.aliases?.includes(name));
}

function placeOf(className: ClassName, column: string): { eventClass: number; column: number } {
  return {
    eventClass: CLASS_NAMES.indexOf(className),
    column: columnIndex(className, column),
  };
}

/** What a batch brings is not in its rows. */
function isStored(className: ClassName, column: string, kind: 'text' | 'number'): boolean {
  const found = CLASSES[className].find((c) => c.name === column);
  if (found === undefined || found.origin === 'batch') return false;
  return (found.kind === 'text') === (kind === 'text');
}
