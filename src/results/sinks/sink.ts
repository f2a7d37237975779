import type { LogLine } from '../log-line.ts';

/**
 * Where result lines go. `deliver` gets lines in order and resolves when they are safe there; when
 * it rejects, the same lines come again later, so a sink may see a line twice (by its id) but
 * misses none. One call at a time.
 */
export interface Sink {
  /** Names the sink's position in the results database; keep it stable. */
  readonly name: string;
  deliver(lines: readonly LogLine[], signal: AbortSignal): Promise<void>;
  /** After log rotation. */
  reopen?(): Promise<void>;
  close(): Promise<void>;
}
