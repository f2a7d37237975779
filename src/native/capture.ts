/** Exported events read back (addon/capture). */
import type { NativeBatch, StreamColumn } from './batch.ts';

/** How lines of a table become rows. */
export interface CaptureTablePlan {
  readonly name: string;
  readonly eventClass: number;
  readonly fields: readonly {
    readonly name: string;
    readonly form: 'ignored' | 'text' | 'integer' | 'octal';
    readonly column: number; // of the class; -1 when ignored
    readonly standard?: string; // text that stands for NULL
  }[];
}

/** Why a line is no event. `what` is 'table' or 'column' when `name` is unknown (`detail`: of
 * which table); else words, about `name` and its value `detail`, where those are not ''. */
export interface CaptureProblem {
  readonly what: string;
  readonly name: string;
  readonly detail: string;
  readonly file: number;
  readonly line: number; // from 1
}

export type CaptureStep =
  | { readonly needs: number } // more of this file
  | {
      readonly batch: NativeBatch;
      readonly columns: readonly StreamColumn[];
      readonly rows: number; // that count: a half-read last one does not
      readonly bytes: number;
    }
  | { readonly problem: CaptureProblem };

/** Reads exported lines of several files as one capture: lowest seq first (lowest time when some
 * have no seq), each file's lines in their order. */
export interface NativeCapture {
  /** Bytes of a file that `next` asked for; they are copied. */
  push(file: number, bytes: Uint8Array): { readonly problem: CaptureProblem } | null;
  end(file: number): void;
  /** null: all lines were read. After a problem nothing else may be called. */
  next(): CaptureStep | null;
}
