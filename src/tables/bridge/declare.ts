import type { NativeTable, NativeTableColumn } from '../../native/tables.ts';
import type { SqlType } from '../spec.ts';
import { OPERATORS, type Operator } from './operators.ts';
import type { StateColumn, StateTable } from './table.ts';

/** Capital letters are for tables of other databases: SQL does not tell them apart. */
const NAME = /^[A-Za-z_]\w{0,62}$/;

/** Ranges of text are left out: SQLite adds them to every LIKE, where they say nothing new. */
const OF_TEXT: readonly Operator[] = ['=', 'LIKE', 'GLOB'];

function operatorsOf(column: StateColumn): readonly Operator[] {
  if (column.operators !== undefined) return column.operators;
  if (column.required || column.additional) return column.type === 'TEXT' ? OF_TEXT : OPERATORS;
  return column.index ? ['='] : [];
}

/** Bit set of the operators on a column that its table gets to see. */
function operatorBits(column: StateColumn): number {
  return operatorsOf(column).reduce((bits, name) => bits | (1 << OPERATORS.indexOf(name)), 0);
}

/** How addon/tables/script_table.h shows a type. */
function shownAs(type: SqlType): number {
  if (type === 'TEXT') return 2;
  return type === 'DOUBLE' ? 1 : 0;
}

function define(name: string, column: StateColumn, hidden: boolean): string {
  const collate = column.collate === undefined ? '' : ` COLLATE ${column.collate}`;
  // SQLite looks for HIDDEN in the type: before the collation.
  return `"${name}" ${column.type}${hidden ? ' HIDDEN' : ''}${collate}`;
}

/**
 * What the addon needs to know of a table. Aliases of columns follow as further hidden columns.
 *
 * @throws Error when names are no SQL names, or one comes twice
 */
export function declare(table: StateTable): NativeTable {
  const names = [table.name, ...(table.aliases ?? [])];
  const entries = Object.entries(table.columns);
  const columns: NativeTableColumn[] = [];
  const definitions: string[] = [];
  const seen = new Set<string>();
  const add = (name: string, column: StateColumn, real: number): void => {
    if (!NAME.test(name)) throw new Error(`table ${table.name}: "${name}" is no column name`);
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw new Error(`table ${table.name}: column ${name} twice`);
    seen.add(folded);
    definitions.push(define(name, column, (column.hidden ?? false) || real !== columns.length));
    columns.push({
      name,
      shown: shownAs(column.type),
      operators: operatorBits(column),
      required: column.required ?? false,
      index: column.index ?? false,
      real,
    });
  };
  for (const name of names) if (!NAME.test(name)) throw new Error(`"${name}" is no table name`);
  if (entries.length === 0) throw new Error(`table ${table.name} has no columns`);
  for (const [i, [name, column]] of entries.entries()) add(name, column, i);
  for (const [i, [, column]] of entries.entries()) {
    for (const alias of column.aliases ?? []) add(alias, column, i);
  }
  const required = entries.filter(([, column]) => column.required).map(([name]) => name);
  return {
    name: table.name,
    names,
    declaration: `CREATE TABLE x(${definitions.join(', ')})`,
    columns,
    required: required.join(' or '),
    rows: table.rows ?? 200,
  };
}
