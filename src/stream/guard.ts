import { map, type OperatorFunction } from 'rxjs';
import type { EventBatch } from '../sensor/batch.ts';

/** Told once per kind of failure: an operator that fails on every batch must not flood the log. */
export type FailureReport = (operator: string, error: unknown) => void;

/**
 * Catches what operators throw. An error inside an Observable would end the stream, so each piece
 * of work runs through here: a failure is counted, reported once per kind, and the batch goes on
 * with the rows it has.
 */
export class StreamGuard {
  readonly #failures = new Map<string, number>();
  readonly #report: FailureReport;

  constructor(report: FailureReport) {
    this.#report = report;
  }

  /** Failures so far by `operator: kind of error`. */
  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** Does the work; returns `otherwise` when it throws. */
  run<T>(operator: string, work: () => T, otherwise: T): T {
    try {
      return work();
    } catch (error) {
      this.failed(operator, error);
      return otherwise;
    }
  }

  /** An operator that does something to each batch and hands it on, whatever happens. */
  each(
    operator: string,
    work: (batch: EventBatch) => void,
  ): OperatorFunction<EventBatch, EventBatch> {
    return map((batch) => {
      try {
        work(batch);
      } catch (error) {
        this.failed(operator, error);
      }
      return batch;
    });
  }

  /** Counts a failure that was caught elsewhere. */
  failed(operator: string, error: unknown): void {
    const kind = `${operator}: ${kindOf(error)}`;
    const before = this.#failures.get(kind) ?? 0;
    this.#failures.set(kind, before + 1);
    if (before > 0) return;
    try {
      this.#report(operator, error);
    } catch {
      // A report that fails has nobody left to tell; the count above stays.
    }
  }
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}
