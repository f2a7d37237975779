import { WeirError } from '../config/errors.ts';
import type { SqlValue } from './types.ts';

interface Boxed {
  readonly i?: string;
  readonly r?: string;
  readonly b?: string;
}

function real(text: string): number {
  if (text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

function value(wire: string | number | null | Boxed): SqlValue {
  if (wire === null || typeof wire === 'string') return wire;
  if (typeof wire === 'number') return BigInt(wire);
  if (wire.i !== undefined) return BigInt(wire.i);
  if (wire.r !== undefined) return real(wire.r);
  return Buffer.from(wire.b ?? '', 'hex');
}

/** Reads one line of the wire form (encode.ts) back. */
export function decodeRow(line: string): SqlValue[] {
  const row: unknown = JSON.parse(line);
  if (!Array.isArray(row)) throw new WeirError('PROTOCOL', 'the daemon sent a row of unknown form');
  return row.map(value);
}
