import type { ResultColumn } from '../../sql/types.ts';
import type { Row } from '../row-source.ts';

/** Turns rows into what is written. Used for one export only. */
export interface ExportFormat {
  /** SQL: what it wants of each row. */
  readonly expressions: readonly string[];
  begin(): string | Uint8Array;
  rows(rows: readonly Row[]): string | Uint8Array;
  end(): string | Uint8Array;
}

/** Every column as it is. */
export function plainExpressions(columns: readonly ResultColumn[]): readonly string[] {
  return columns.map(({ name }) => `"${name}"`);
}
