import type { NativeBatch } from '../native/batch.ts';
import type { HookState, KernelFilters } from '../native/sensor.ts';
import type { ClassName } from './schema.ts';

/** What one source of events does for one class: for weir_coverage, health and doctor. */
export interface ClassCoverage {
  readonly className: ClassName;
  readonly provider: string; // ebpf, netlink
  readonly tier: string; // tracepoint, trampoline, ...
  readonly covered: boolean;
  readonly missing: readonly string[]; // hooks that could not be had, each with its reason
}

/**
 * A source of events. Batches wait in the provider, bounded, until `next` takes them: the pull is
 * the credit that lets the provider go on reading.
 */
export interface EventProvider {
  readonly name: string;
  /** `wake` is called when a batch waits and none did before. */
  start(wake: () => void): void;
  next(): NativeBatch | null;
  configure(filters: KernelFilters): void;
  coverage(): readonly ClassCoverage[];
  /** Every program or other hook with its state; for doctor. */
  hooks(): readonly HookState[];
  /** Delivers what has happened up to now into the queue, as far as it can know. */
  drain(): void;
  stop(): void;
}
