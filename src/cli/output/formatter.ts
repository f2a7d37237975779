import { hex, realText } from '../../sql/encode.ts';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';

export type Mode = 'table' | 'json' | 'csv' | 'line';
export const MODES: readonly Mode[] = ['table', 'json', 'csv', 'line'];

/** Turns a result into text, piece by piece. Used for one result only. */
export interface Formatter {
  begin(columns: readonly ResultColumn[]): string;
  rows(rows: readonly (readonly SqlValue[])[]): string;
  end(): string;
}

export interface Screen {
  /** Escape what could harm a terminal. */
  readonly terminal: boolean;
  /** Cells of a line; 0: no limit. */
  readonly width: number;
}

/** A value as text: NULL is empty, as in osqueryi; a blob is X'hex'. */
export function valueText(value: SqlValue): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      return String(value);
    case 'number':
      return realText(value);
    default:
      return value === null ? '' : `X'${hex(value)}'`;
  }
}
