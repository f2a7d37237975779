/**
 * Rows as JSON text. The wire form is one array per line that loses nothing (the commands read it
 * back with decode.ts); json and jsonl are objects for people and other programs.
 */
import type { Encoding } from './messages.ts';
import type { ResultColumn, SqlValue } from './types.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function isSafe(value: bigint): boolean {
  return value <= SAFE && value >= -SAFE;
}

/** Hex in capitals, as SQLite's hex() and quote() write it. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('hex')
    .toUpperCase();
}

/** A REAL as SQLite shows it: always with a point or an exponent, Inf for infinity. */
export function realText(value: number): string {
  if (Number.isFinite(value)) {
    const text = String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  return value > 0 ? 'Inf' : '-Inf';
}

/** INTEGER is a bare number, REAL {"r": text}, BLOB {"b": hex}, big INTEGER {"i": text}. */
function wireValue(value: SqlValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return isSafe(value) ? String(value) : `{"i":"${value}"}`;
    case 'number':
      return `{"r":"${realText(value)}"}`;
    default:
      return value === null ? 'null' : `{"b":"${hex(value)}"}`;
  }
}

/** Integers that a double cannot hold, blobs and infinities are strings. */
export function jsonValue(value: SqlValue): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return isSafe(value) ? String(value) : `"${value}"`;
    case 'number':
      return Number.isFinite(value) ? realText(value) : `"${realText(value)}"`;
    default:
      return value === null ? 'null' : `"${hex(value)}"`;
  }
}

/** Names for the keys of an object: a repeated one gets :1, :2 as in SQLite's subqueries. */
export function keys(columns: readonly ResultColumn[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let key = name;
    for (let i = 1; seen.has(key); i++) key = `${name}:${i}`;
    seen.add(key);
    return key;
  });
}

/** Encodes the rows of one result, one after the other. */
export class RowEncoder {
  readonly #encoding: Exclude<Encoding, 'values'>;
  readonly #keys: readonly string[];
  #first = true;

  constructor(encoding: Exclude<Encoding, 'values'>, columns: readonly ResultColumn[]) {
    this.#encoding = encoding;
    this.#keys = keys(columns).map((key) => `${JSON.stringify(key)}:`);
  }

  row(values: readonly SqlValue[]): string {
    let text = '';
    if (this.#encoding === 'lines') return `${String(values[0])}\n`;
    if (this.#encoding === 'wire') {
      for (let i = 0; i < values.length; i++) {
        text += `${i === 0 ? '[' : ','}${wireValue(values[i] as SqlValue)}`;
      }
      return `${text}]\n`;
    }
    for (let i = 0; i < values.length; i++) {
      text += `${i === 0 ? '{' : ','}${this.#keys[i]}${jsonValue(values[i] as SqlValue)}`;
    }
    if (this.#encoding !== 'json') return `${text}}\n`;
    const before = this.#first ? '[\n' : ',\n';
    this.#first = false;
    return `${before}${text}}`;
  }

  /** What comes after the last row. */
  end(): string {
    if (this.#encoding !== 'json') return '';
    return this.#first ? '[]\n' : '\n]\n';
  }
}
