import type { Catalog } from './catalog.ts';
import { KEYWORDS } from './keywords.ts';

export type Completion = readonly [candidates: string[], typed: string];

/** Written as the rest is: in capitals when what was typed is. */
function inCaseOf(typed: string, keyword: string): string {
  return typed !== '' && typed === typed.toUpperCase() ? keyword : keyword.toLowerCase();
}

function startingWith(typed: string, words: Iterable<string>): string[] {
  const wanted = typed.toLowerCase();
  return [...new Set(words)].filter((word) => word.toLowerCase().startsWith(wanted)).sort();
}

/**
 * What Tab offers at the end of `line`. After FROM and JOIN that are tables, after a dot columns,
 * elsewhere columns of the tables that the statement names, tables and keywords.
 *
 * @param before earlier lines of the same statement
 * @param commands dot-commands with their dots
 */
export async function complete(
  line: string,
  before: string,
  catalog: Catalog,
  commands: readonly string[],
): Promise<Completion> {
  const trimmed = line.trimStart();
  if (before === '' && /^\.\w*$/.test(trimmed)) return [startingWith(trimmed, commands), trimmed];
  const typed = /[A-Za-z_][A-Za-z0-9_]*$/.exec(line)?.[0] ?? '';
  const left = line.slice(0, line.length - typed.length);
  const tables = await catalog.tables();
  const afterTable =
    /\b(?:from|join|table_x?info\s*\()\s*$|^\s*\.(?:schema|tables)\s+$|\bfrom\s[^()]*,\s*$/i;
  if (afterTable.test(`${before} ${left}`) || /^\s*\.schema\s+$/.test(left)) {
    return [startingWith(typed, tables), typed];
  }
  const text = `${before} ${line}`.toLowerCase();
  const words = new Set(text.match(/[a-z_][a-z0-9_]*/g) ?? []);
  const named = tables.filter((table) => words.has(table));
  const columns = (await Promise.all(named.map((table) => catalog.columns(table)))).flat();
  const names = columns.map(({ name }) => name);
  if (left.endsWith('.')) return [startingWith(typed, names), typed];
  if (typed === '' && names.length === 0) return [[], typed];
  const keywords = KEYWORDS.map((keyword) => inCaseOf(typed, keyword));
  return [startingWith(typed, [...names, ...tables, ...keywords]), typed];
}
