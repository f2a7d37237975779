import type { QueryResult, SqlValue } from '../sql/types.ts';

const decoder = new TextDecoder();

/**
 * One row as osquery logs it: an object sorted by column name, values as strings (NULL is ''), or
 * numbers as numbers when `numerics`. The text is canonical: equal rows are equal texts.
 * Of two columns with one name the last counts, as in osquery.
 */
export function rowEncoder(
  columns: QueryResult['columns'],
  numerics: boolean,
): (row: readonly SqlValue[]) => string {
  const last = new Map(columns.map((column, index) => [column.name, index]));
  const order = [...last].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const parts = order.map(([name, index]) => ({ key: `${jsonText(name)}:`, index }));
  const encode = numerics ? encodeNumeric : (value: SqlValue) => jsonText(plainText(value));
  return (row) => {
    let text = '{';
    for (const { key, index } of parts) {
      if (text.length > 1) text += ',';
      text += key + encode(row[index] ?? null);
    }
    return `${text}}`;
  };
}

/** JSON string as RapidJSON writes it: like JSON.stringify, but with upper case \u00XX. */
export function jsonText(text: string): string {
  return upperEscapes(JSON.stringify(text.isWellFormed() ? text : text.toWellFormed()));
}

function upperEscapes(json: string): string {
  if (!json.includes('\\u00')) return json;
  return json.replaceAll(/\\(?:u00([01][0-9a-f])|.)/g, (sequence, hex: string | undefined) =>
    hex === undefined ? sequence : `\\u00${hex.toUpperCase()}`,
  );
}

function encodeNumeric(value: SqlValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && Number.isFinite(value)) return plainText(value);
  return jsonText(plainText(value));
}

/** A value as osquery writes it in text: NULL is '', REAL keeps its point. */
export function plainText(value: SqlValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return double(value);
  return decoder.decode(value);
}

/** REAL keeps its point, as in osquery: 1.0, never 1. */
function double(value: number): string {
  const text = Number.isFinite(value) ? Number(value.toPrecision(15)).toString() : String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
