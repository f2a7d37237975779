/** What a user's table gives, looked at row by row: only where somebody checks it, not in queries. */
import { fileURLToPath } from 'node:url';
import { rowsOf } from '../bridge/pack.ts';
import type { StateTable } from '../bridge/table.ts';
import type { SqlType } from '../spec.ts';

const SHOWN = 40;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function isCell(value: unknown): boolean {
  return (
    value === null ||
    value instanceof Uint8Array ||
    ['string', 'number', 'bigint', 'boolean', 'undefined'].includes(typeof value)
  );
}

function fits(type: SqlType, value: unknown): boolean {
  if (value === null || value === undefined || type === 'TEXT') return true;
  if (value instanceof Uint8Array) return false;
  if (typeof value !== 'string') return !Number.isNaN(value);
  return type === 'DOUBLE'
    ? value.trim() !== '' && !Number.isNaN(Number(value))
    : /^\s*[+-]?\d+\s*$/.test(value);
}

function* rowProblems({ columns }: StateTable, row: unknown): Iterable<string> {
  if (typeof row !== 'object' || row === null) throw new Error(`a row is ${shown(row)}, no object`);
  for (const [name, value] of Object.entries(row)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) yield `rows have ${name}, which is no column`;
    else if (!isCell(value)) {
      throw new Error(
        `column ${name}: ${typeof value} is no value; see docs/tables-in-typescript.md`,
      );
    } else if (!fits(column.type, value)) {
      yield `column ${name} is ${column.type}: ${shown(value)} is shown as NULL`;
    }
  }
}

/**
 * Where in a user's files an error comes from, as "PATH:LINE"; undefined when its stack names none.
 * Syntax errors say it in front of the message, others behind.
 */
export function placeOf(error: unknown): string | undefined {
  const own = new URL('../../../', import.meta.url).href;
  for (const [, url = '', line] of String((error as Error).stack).matchAll(
    /(file:\/\/\S+?):(\d+)/g,
  )) {
    if (!url.startsWith(own)) return `${fileURLToPath(url)}:${line}`;
  }
  return undefined;
}

/**
 * The same table, which says what queries pass over in silence, and where an error comes from.
 *
 * @param warn each kind of problem once
 */
export function checkedTable(table: StateTable, warn: (problem: string) => void): StateTable {
  const told = new Set<string>();
  return {
    ...table,
    *generate(context) {
      try {
        for (const row of rowsOf(table.generate(context))) {
          for (const problem of rowProblems(table, row)) {
            const kind = problem.replace(/: .*/s, '');
            if (!told.has(kind)) warn(problem);
            told.add(kind);
          }
          yield row;
        }
      } catch (error) {
        const place = placeOf(error);
        if (place !== undefined) (error as Error).message += ` (${place})`;
        throw error;
      }
    },
  };
}
