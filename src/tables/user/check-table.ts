/** Whether a value that a user's file exports is a table, said so that its author can correct it. */
import { declare } from '../bridge/declare.ts';
import { OPERATORS } from '../bridge/operators.ts';
import type { StateTable } from '../bridge/table.ts';

const TYPES = ['TEXT', 'INTEGER', 'BIGINT', 'UNSIGNED_BIGINT', 'DOUBLE'];
const FLAGS = ['hidden', 'index', 'required', 'additional', 'optimized'];
const COLLATIONS = ['nocase', 'version', 'version_arch', 'version_dpkg', 'version_rhel'];
const TABLE_KEYS = ['name', 'description', 'aliases', 'columns', 'examples', 'rows', 'generate'];
const COLUMN_KEYS = ['type', 'description', 'collate', 'aliases', 'operators', ...FLAGS];

type Unchecked = Readonly<Record<string, unknown>>;

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function* columnProblems(name: string, column: Unchecked): Iterable<string> {
  const at = `column ${name}`;
  if (typeof column !== 'object' || column === null) {
    yield `${at}: not made by text(), integer(), bigint(), unsigned() or double()`;
    return;
  }
  for (const key of Object.keys(column)) {
    if (!COLUMN_KEYS.includes(key)) yield `${at}: unknown option ${key}`;
  }
  if (!TYPES.includes(String(column.type))) yield `${at}: type is one of ${TYPES.join(', ')}`;
  if (typeof column.description !== 'string') yield `${at}: description is missing`;
  for (const flag of FLAGS) {
    if (column[flag] !== undefined && typeof column[flag] !== 'boolean') {
      yield `${at}: ${flag} is true or false`;
    }
  }
  if (column.collate !== undefined && !COLLATIONS.includes(String(column.collate))) {
    yield `${at}: collate is one of ${COLLATIONS.join(', ')}`;
  }
  if (column.aliases !== undefined && !isTexts(column.aliases)) yield `${at}: aliases are names`;
  const { operators } = column;
  const known = (each: unknown): boolean => (OPERATORS as readonly unknown[]).includes(each);
  if (operators !== undefined && !(Array.isArray(operators) && operators.every(known))) {
    yield `${at}: operators are of ${OPERATORS.join(' ')}`;
  }
}

/** Everything that is wrong with it; empty: it is a StateTable. */
export function* tableProblems(value: unknown): Iterable<string> {
  const table = value as Unchecked;
  for (const key of Object.keys(table)) {
    if (!TABLE_KEYS.includes(key)) yield `unknown key ${key}`;
  }
  if (typeof table.name !== 'string') yield 'name is missing';
  if (typeof table.description !== 'string') yield 'description is missing';
  if (typeof table.generate !== 'function') yield 'generate is no function';
  if (!isTexts(table.examples)) yield 'examples are missing: an array of statements';
  if (table.aliases !== undefined && !isTexts(table.aliases)) yield 'aliases are names';
  if (table.rows !== undefined && !Number.isSafeInteger(table.rows)) yield 'rows is a number';
  const { columns } = table;
  if (typeof columns !== 'object' || columns === null) {
    yield 'columns are missing';
    return;
  }
  let right = true;
  for (const [name, column] of Object.entries(columns)) {
    for (const problem of columnProblems(name, column as Unchecked)) {
      right = false;
      yield problem;
    }
  }
  if (!right || typeof table.name !== 'string') return;
  try {
    declare(value as StateTable);
  } catch (error) {
    yield (error as Error).message;
  }
}

/** Whether it is meant as a table at all: a file may export other things too. */
export function looksLikeTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('generate' in value || 'columns' in value);
}
