import type { Row } from '../row-source.ts';

/** Turns rows into what is written. Used for one export only. */
export interface ExportFormat {
  begin(): string | Uint8Array;
  rows(rows: readonly Row[]): string | Uint8Array;
  end(): string | Uint8Array;
}
