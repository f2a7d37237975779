import { hex, realText } from '../../sql/encode.ts';
import type { ResultColumn, SqlValue } from '../../sql/types.ts';

export type Mode =
  | 'table'
  | 'json'
  | 'json-pretty'
  | 'csv'
  | 'line'
  | 'list'
  | 'column'
  | 'markdown';
export const MODES: readonly Mode[] = [
  'table',
  'json',
  'json-pretty',
  'csv',
  'line',
  'list',
  'column',
  'markdown',
];

/** What the user may choose about the text of a mode; osqueryi's names. */
export interface Style {
  /** Whether names of columns are shown. */
  readonly header: boolean;
  /** Between the fields of csv and list; undefined: a comma, a bar. */
  readonly separator: string | undefined;
  readonly nullValue: string;
  /** Cells of the columns of table and column, from the left; 0 or none: as they need. */
  readonly widths: readonly number[];
}

export const PLAIN_STYLE: Style = { header: true, separator: undefined, nullValue: '', widths: [] };

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
  /** Whether headings may be bold. */
  readonly colour?: boolean;
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

export function cellText(value: SqlValue, { nullValue }: Style): string {
  return value === null ? nullValue : valueText(value);
}
